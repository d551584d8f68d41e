"""The demo company: an organisation with people, rooms and devices that anybody may try everything on. All of it is made up."""
