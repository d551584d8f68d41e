#!/bin/sh
# Installs the real parts that the tests run against, from Debian's own packages. Nothing is done when all are there.
set -eu
missing=""
need() { # command, package
  PATH="$PATH:/usr/sbin:/usr/lib/postgresql/15/bin:/usr/lib/postgresql/16/bin:/usr/lib/postgresql/17/bin" command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need initdb postgresql
need redis-server redis-server
need mosquitto mosquitto
need hledger-web hledger-web
need chromium chromium
need pdftoppm poppler-utils
command -v npm >/dev/null 2>&1 || { need node nodejs; missing="$missing npm"; }
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || missing="$missing fonts-noto-cjk"
[ -z "$missing" ] && exit 0
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
echo "installing:$missing"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
