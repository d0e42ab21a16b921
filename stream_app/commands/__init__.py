"""The commands of `stream-app`, one file each; they put parts together and word errors, and decide nothing."""
