#!/usr/bin/env python3
"""Ask every service how it is and write down when."""

import datetime
import json
import sys
import urllib.request

import requests

SERVICES = ["https://billing.example.com/healthz", "https://shop.example.com/healthz"]


def check(url):
    answer = requests.get(url)
    return {
        "url": url,
        "status": answer.status_code,
        "checked": datetime.datetime.utcnow().isoformat(),
    }


def announce(channel, text):
    # TODO(2025-06-01): the old chat is switched off, send to the new one only
    data = json.dumps({"channel": channel, "text": text}).encode()
    urllib.request.urlopen("https://chat.example.com/hook", data=data)


def main():
    found = [check(url) for url in SERVICES]
    broken = [f["url"] for f in found if f["status"] != 200]
    if broken:
        announce("on-call", "not well: " + ", ".join(broken))
    json.dump(found, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
