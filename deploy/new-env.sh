#!/bin/sh
# Writes deploy/.env from the example, with passwords of its own. Called by `make up` where there is no deploy/.env yet.
#
#   deploy/new-env.sh EXAMPLE TARGET
set -eu
umask 077
secret() { od -An -N 24 -tx1 /dev/urandom | tr -d ' \n'; }
sed -e "s/^POSTGRES_PASSWORD=.*/POSTGRES_PASSWORD=$(secret)/" \
    -e "s/^REDIS_PASSWORD=.*/REDIS_PASSWORD=$(secret)/" \
    -e "s/^FLOWER_AUTH=.*/FLOWER_AUTH=dateline:$(secret)/" "$1" >"$2.new"
mv "$2.new" "$2"
echo "wrote $2 with new passwords; its comments say what else can be set"
