"""Imported by every Python that a test starts; see tests/conftest.py."""

from tests.offline import guard
from tests.stubs import write_none

guard()
write_none()
