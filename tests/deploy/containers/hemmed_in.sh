#!/bin/sh
# Runs a command as a container of ours would: nothing on the machine's disks can be written, and no capability is left.
# What may be written is the folder given first, in memory. Needs root, for a mount namespace of its own.
set -eu
folder="$1"
shift
mount --make-rprivate /
awk '$3 ~ /^(ext[234]|overlay|xfs|btrfs|f2fs)$/ { print $2 }' /proc/self/mounts | while read -r place; do
	mount -o remount,bind,ro "$place"
done
mount -t tmpfs -o size=256m,mode=0700 tmpfs "$folder"
mkdir "$folder/tmp"
export TMPDIR="$folder/tmp" HOME="$folder/no-home"
if touch "$folder/../written" 2>/dev/null; then
	echo "the disk can be written" >&2
	exit 99
fi
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"
