"""Imported by every Python that a test starts; see tests/conftest.py."""

from tests.offline import guard

guard()
