# Finds the agent or takes it from stdin, and becomes it. deploy.rs joins these lines into one and puts it between
# single quotes behind "exec /bin/sh -c", for any login shell: no single quote, no exclamation mark, and every line
# ends where a blank may follow. @MARKER@ stands before each line meant for pii, whatever rc files print.
# The first line of stdin is meant for the agent, and is sent again once that has been taken.
# @CASES@ sets for each `uname -sm` the agent's name N, sha256 H, cksum C, and the bytes to read: P packed, R raw.
O=$(umask); U=$(uname -sm); D=${XDG_CACHE_HOME:-$HOME/.cache}/pii;
case $U in @CASES@ *) echo "@MARKER@ ARCH $U"; exit 64;; esac;
A=$D/agent-$H; T=$A.$$;
fail() { echo "@MARKER@ FAIL $1 $D"; exit 65; };
clean() { rm -f "$T"; };
same() { if command -v sha256sum >/dev/null 2>&1; then
S=$(sha256sum <"$1"); [ "${S%% *}" = "$H" ];
else
S=$(cksum <"$1"); [ "${S%% *}" = "$C" ];
fi; };
if [ -f "$A" ] && [ -x "$A" ] && same "$A"; then :; else
umask 077;
trap clean 0; trap "exit 66" 1 2 13 15;
mkdir -p "$D" || fail write;
read -r L;
if command -v gzip >/dev/null 2>&1; then
echo "@MARKER@ NEED $N gzip"; head -c $P | gzip -dc >"$T" || fail write;
else
echo "@MARKER@ NEED $N raw"; head -c $R >"$T" || fail write;
fi;
same "$T" || fail check;
chmod 700 "$T" && mv -f "$T" "$A" || fail write;
trap - 0 1 2 13 15; umask $O;
fi;
echo "@MARKER@ READY"; exec "$A"
