"""The official check of BioImage.IO model packages: python check_packages.py PACKAGE..."""

import json
import sys

import bioimageio.core

results = []
for package in sys.argv[1:]:
    summary = bioimageio.core.test_model(package)
    details = [
        {"name": detail.name, "status": detail.status, "errors": [error.msg for error in detail.errors]}
        for detail in summary.details
    ]
    results.append({"status": summary.status, "details": details})
print(json.dumps(results))
