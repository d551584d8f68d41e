"""What people do about a device from the desk: move it to another state, let it rest, switch one of its alarm rules off."""
