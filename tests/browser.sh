#!/usr/bin/env bash
# What the tests in a browser need: Debian's Chromium and ChromeDriver, a font with Chinese signs, and the accessibility checker axe. Run by the
# tests themselves when something is missing; running it again does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null || ! fc-list 2>/dev/null | grep -qi cjk; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver fontconfig fonts-noto-cjk >/dev/null
fi
if [ ! -s target/axe/axe.min.js ]; then
  mkdir -p target/axe
  (cd target/axe && npm pack --silent axe-core@4.14.1 >/dev/null && tar -xzf axe-core-4.14.1.tgz --strip-components=1 package/axe.min.js)
fi
