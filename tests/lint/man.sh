#!/usr/bin/env bash
# man: the manual pages have no fault that mandoc knows.
set -euo pipefail
mandoc -T lint -W warning daemon/*.8 etc/*.5 ctl/*.1
