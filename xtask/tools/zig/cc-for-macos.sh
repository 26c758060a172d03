#!/bin/sh
# C's compiler for macOS on Apple's processors, made of zig, which ZIG names. It takes the target from no other word.
skip=
for word; do
  shift
  case $skip$word in
    -arch) skip=yes ;;
    yes*) skip= ;;
    -mmacosx-version-min=* | --target=*) ;;
    *) set -- "$@" "$word" ;;
  esac
done
exec "$ZIG" cc -target aarch64-macos "$@"
