from hypothesis import settings

# Examples are timed by the test run as a whole; a busy machine is no failure of one example.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
