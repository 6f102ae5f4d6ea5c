# shellcheck shell=bash
# Runs long commands so that a signal to the script ends them at once: bash acts on a signal only when the command in the
# foreground has ended, and a build takes minutes. Sourced; who sources it calls end_groups on its way out.

# in_group COMMAND...: begins a command or function in the background, in a process group of its own; $! names it. What it
# says is redirected inside that function: a redirection of the call would hold for this script too, and for its last words.
in_group() {
  set -m
  "$@" </dev/null &
  set +m
}

# attend COMMAND...: the same, awaited; its exit code.
attend() {
  in_group "$@"
  wait "$!"
}

# Ends every group that still runs, and waits until none does.
end_groups() {
  # Listed once: a job whose leader has ended is listed no longer, though others of its group may still run.
  local group groups deadline=$((SECONDS + 10))
  mapfile -t groups < <(jobs -p)
  for group in "${groups[@]}"; do kill -TERM -- "-$group" 2>/dev/null || true; done
  for group in "${groups[@]}"; do
    while kill -0 -- "-$group" 2>/dev/null; do
      if ((SECONDS >= deadline)); then
        kill -KILL -- "-$group" 2>/dev/null || true
        break
      fi
      sleep 0.1
    done
  done
}
