"""A stateful stand-in for GitHub on the loopback interface: real git, real rules, faults on order."""

from demo.github.hub import LocalGitHub

__all__ = ["LocalGitHub"]
