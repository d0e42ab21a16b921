"""The pages: rendered here, live by server-sent events; no script or style stands in them."""
