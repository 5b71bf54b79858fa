#!/usr/bin/env python3
"""Say which certificates end within a month."""

import socket
import ssl
import sys
from datetime import datetime, timedelta


def ends(host):
    context = ssl.create_default_context()
    with socket.create_connection((host, 443), timeout=5) as raw:
        with context.wrap_socket(raw, server_hostname=host) as connection:
            seconds = ssl.cert_time_to_seconds(connection.getpeercert()["notAfter"])
    return datetime.utcfromtimestamp(seconds)


def soon(moment):
    return moment - datetime.utcnow() < timedelta(days=30)


def main():
    # FIXME: drop the staging host once Python 3.10 is no longer supported
    hosts = sys.argv[1:] or ["www.example.com", "staging.example.com"]
    for host in hosts:
        if soon(ends(host)):
            print(host)


if __name__ == "__main__":
    main()
