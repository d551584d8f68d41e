"""A case as people see it: what it is about, where it stands, the way it came. Shared by every page that shows one."""
