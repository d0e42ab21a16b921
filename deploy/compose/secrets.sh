#!/bin/sh
# Makes the passwords that docker-compose.yml asks for, each once, in deploy/compose/secrets; one that is there stays.
# The folder is its owner's alone; the files in it can be read by the users inside the containers, who are others.
set -eu
folder="$(dirname "$0")/secrets"
umask 077
mkdir -p "$folder"
for name in desk_db_password grafana_admin_password; do
	if [ ! -s "$folder/$name" ]; then
		od -A n -t x1 -N 24 /dev/urandom | tr -d ' \n' >"$folder/$name"
		echo "made $folder/$name"
	fi
	chmod 644 "$folder/$name"
done
# What Alertmanager shows to its receivers: empty until you write yours in; until then alerts are seen in its pages alone.
for name in alertmanager_smtp_password alertmanager_pager_token; do
	[ -e "$folder/$name" ] || : >"$folder/$name"
	chmod 644 "$folder/$name"
done
