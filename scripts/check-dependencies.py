#!/usr/bin/env python3
"""Asks the OSV database whether vulnerabilities are known of what the service is made of.

    scripts/check-dependencies.py target/chainrule-0.1.0-SNAPSHOT.jar
    scripts/check-dependencies.py application.cdx.json

It reads the bill of materials in the jar, or one as /actuator/sbom/application answers it, sends the names and versions of its components
to the database, and prints those with known vulnerabilities. It ends with 0 if there are none, with 1 if there are some, with 2 if it
could not find out. With --answer FILE it reads the database's answer from a file and sends nothing; with --database URL it asks a mirror.
"""
import argparse
import json
import sys
import urllib.error
import urllib.request
import zipfile

DATABASE = "https://api.osv.dev/v1/querybatch"
SBOM = "META-INF/sbom/application.cdx.json"
SECONDS = 60
# The most that the database takes at once.
BATCH = 1000


def components(path):
    """The package addresses of a bill of materials, without qualifiers, each once and in order."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as jar:
            bill = json.loads(jar.read(SBOM))
    else:
        with open(path, encoding="utf-8") as file:
            bill = json.load(file)
    if bill.get("bomFormat") != "CycloneDX":
        raise ValueError(f"{path} is no bill of materials in CycloneDX")
    purls = []

    def collect(parts):
        for part in parts:
            if "purl" in part:
                purls.append(part["purl"].split("?")[0].split("#")[0])
            collect(part.get("components", []))

    collect(bill.get("components", []))
    if not purls:
        raise ValueError(f"{path} names no component")
    return list(dict.fromkeys(purls))


def send(database, queries):
    request = urllib.request.Request(database, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as response:
        results = json.load(response)["results"]
    if len(results) != len(queries):
        raise ValueError(f"{len(results)} answers to {len(queries)} questions")
    return results


def ask(database, purls):
    """The database's answers, one for each address, in the same order. Where it says that there are more pages, these too."""
    answers = [{"vulns": []} for _ in purls]
    waiting = [(place, {"package": {"purl": purl}}) for place, purl in enumerate(purls)]
    while waiting:
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        for (place, query), result in zip(batch, send(database, [query for _, query in batch])):
            answers[place]["vulns"] += result.get("vulns", [])
            if result.get("next_page_token"):
                waiting.append((place, query | {"page_token": result["next_page_token"]}))
    return answers


def known(purls, results):
    """The ids of the vulnerabilities of each component that has some."""
    if len(results) != len(purls):
        raise ValueError(f"{len(results)} answers to {len(purls)} questions")
    found = {purl: [one["id"] for one in result.get("vulns", [])] for purl, result in zip(purls, results)}
    return {purl: ids for purl, ids in found.items() if ids}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", help="the jar, or a bill of materials in CycloneDX's JSON")
    parser.add_argument("--database", default=DATABASE, help="where to ask in the way of OSV's querybatch")
    parser.add_argument("--answer", help="a file with the database's answer")
    arguments = parser.parse_args()
    try:
        purls = components(arguments.file)
        if arguments.answer:
            with open(arguments.answer, encoding="utf-8") as file:
                results = json.load(file)["results"]
        else:
            results = ask(arguments.database, purls)
        vulnerable = known(purls, results)
    except (OSError, KeyError, ValueError, urllib.error.URLError) as error:
        print(f"cannot tell: {error}", file=sys.stderr)
        return 2
    for purl, ids in vulnerable.items():
        print(purl, *(f"https://osv.dev/{one}" for one in ids))
    print(f"{len(vulnerable)} of {len(purls)} components have known vulnerabilities")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
