"""The inbox: what waits for one, a task with its form, claiming, releasing, completing, and news of it."""
