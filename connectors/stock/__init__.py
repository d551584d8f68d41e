"""Parts in the stores of projects and technicians: what is there, what was issued to which ticket, what came back."""
