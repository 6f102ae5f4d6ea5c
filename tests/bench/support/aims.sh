# shellcheck shell=bash
# What the figures of each benchmark are to reach, where something was aimed at. Sourced.

# aims NAME: "condition on the JSON line TAB in words", one a line.
aims() {
  case $1 in
    echo | submit-referral) printf '.ratio >= 0.6\ta ratio of at least 0.6\n' ;;
    get-referral) printf '.ratio >= 0.5\ta ratio of at least 0.5\n' ;;
    events) printf '.p99_ms < 250\tp99 under 250 ms\n' ;;
    referral-worklist) printf '.page_growth <= 1.25\ta page grows by at most a quarter\n.command_growth <= 1.25\ta command grows by at most a quarter\n' ;;
    patient-matching) printf '.p99_ms < 5\tp99 under 5 ms\n.sensitivity // 1 > 0.97\tsensitivity above 0.97, where the public set is there\n.precision // 1 == 1\tprecision 1.0, where it is there\n' ;;
    rota) printf '.plan_seconds <= 60\tplanned within 60 s\n.gap <= 0.02\ta gap of at most 2 %%\n' ;;
    booking) printf '.ratio >= 0.8\ta ratio of at least 0.8\n.p99_ms < 3 * .floor_p99_ms\tp99 under three times the floor'"'"'s\n' ;;
    hot-seat) printf '.exact\texactly 10 bookings and 990 clear refusals\n.longest_s <= 2\twithin 2 s\n.ratio > 0.7\tmore than 0.7 of the usual throughput elsewhere\n' ;;
    release-hour) printf '.untrue == 0\tno refusal that is not true\n.p99_ms < 1000\tp99 under 1 s\n' ;;
    search) printf '.ratio >= 0.8\tcosts at most a quarter more\n.p99_ms < 20\tp99 under 20 ms\n' ;;
    critical) printf '.p99_ms < 500\tp99 under 500 ms while the load runs\n' ;;
    claim-storm) printf '.missing == 0 and .twice == 0\teach study claimed by exactly one\n.passed_over == 0\tin the order of urgency and clock\n.ratio >= 0.7\ta ratio of at least 0.7\n' ;;
    lab-trend) printf '.trend_growth <= 1.25\ta trend costs at most a quarter more\n.list_growth <= 1.25\ta list of analytes costs at most a quarter more\n.cumulative_growth <= 1.25\ta cumulative report costs at most a quarter more\n.p99_ms < 10\tp99 of a trend under 10 ms\n' ;;
    session-relay) printf '.p99_ms < 100\tp99 under 100 ms within a replica\n.across_p99_ms < 300\tp99 under 300 ms across replicas\n.agree\tall transcripts equal\n' ;;
    idle) printf '.most_mb < 80\tunder 80 MB of memory\n.slowest_s < 1\tstarted within 1 s\n' ;;
  esac
}

# tell_aims: passes lines on as they come, but the last, the JSON, only after saying on standard error which aims of it are met and
# which are missed. Fails when there is no such line.
tell_aims() {
  local held='' line condition words bench
  local first=true
  while IFS= read -r line || [[ -n $line ]]; do
    if ! $first; then printf '%s\n' "$held"; fi
    first=false
    held=$line
  done
  if ! bench=$(jq -er .bench 2>/dev/null <<<"$held"); then
    echo "no figures: the last line is no JSON" >&2
    printf '%s\n' "$held"
    return 1
  fi
  while IFS=$'\t' read -r condition words; do
    if jq -e "$condition" >/dev/null <<<"$held"; then
      echo "aim met: $bench: $words" >&2
    else
      echo "aim missed: $bench: $words" >&2
    fi
  done < <(aims "$bench")
  printf '%s\n' "$held"
}
