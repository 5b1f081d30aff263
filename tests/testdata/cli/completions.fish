# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_saasbackup_exporter_global_optspecs
    string join \n config.file= config.check web.listen-address= web.systemd-socket web.config.file= web.telemetry-path= web.external-url= web.route-prefix= web.max-requests= web.enable-lifecycle shard= total-shards= log.level= log.format= h/help V/version
end

function __fish_saasbackup_exporter_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_saasbackup_exporter_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_saasbackup_exporter_using_subcommand
    set -l cmd (__fish_saasbackup_exporter_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l config.file -d 'The configuration file (YAML)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l web.listen-address -d 'Address to listen on; repeat it for several. An address without a host, such as `:10047`, means every interface' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l web.config.file -d 'File with certificates, users and headers of the exporter\'s own pages (YAML, the format of exporter-toolkit)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l web.telemetry-path -d 'Path under which the metrics are served' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l web.external-url -d 'The URL under which others reach the exporter, for example through a reverse proxy' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l web.route-prefix -d 'What every path begins with. Default: the path of --web.external-url' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l web.max-requests -d 'Scrapes answered at once; further ones get 503. 0 means any number' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l shard -d 'The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l total-shards -d 'How many exporters divide the tenants, and the configured budget of requests, among themselves' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l log.level -d 'Log lines of this level and above, unless log.level of the configuration file says otherwise' -r -f -a "trace\t'Everything, for developers'
debug\t'What is done when all is well'
info\t'Starts, stops and changes'
warn\t'Failures that the exporter lives with'
error\t'What somebody must mend'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l log.format -d 'The format of log lines' -r -f -a "logfmt\t'`key=value` pairs'
json\t'One JSON object a line'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l config.check -d 'Check the configuration file, report every problem in it, and exit: 0 if it is good, 2 if not'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l web.systemd-socket -d 'Listen on the sockets that systemd hands over (socket activation) instead of on addresses'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -l web.enable-lifecycle -d 'Let POST /-/reload read the configuration again, as SIGHUP does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -s V -l version -d 'Print version'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -f -a "demo" -d 'Serve an invented fleet from built-in fakes of the vendors, without any account'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -f -a "once" -d 'Collect every source once, and print the metrics or write them to a file'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -f -a "doctor" -d 'Try the configuration step by step, and say what to do: names, TLS, proxy, tokens, listing, one tenant'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -f -a "health" -d 'Ask a running exporter whether it lives, as the health check of a container does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -f -a "metrics" -d 'Print the reference of all metrics (Markdown)'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -f -a "hash-password" -d 'Hash a password for the web configuration; it is asked for, or read from standard input'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -f -a "completions" -d 'Print a script with which a shell completes this command line'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -f -a "man" -d 'Print a manual page (roff)'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l tenants -d 'Tenants in the invented fleet, one half of them at Dropsuite and one half at Datto' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l seed -d 'Seed of the fleet: equal seeds give equal fleets' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l datto-shape -d 'How the fake Datto answers: as live clients see it, or as the published description says' -r -f -a "live\t'As live clients see it'
documented\t'As the published description says'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l backfill -d 'Write the fleet\'s past to this file instead of serving: OpenMetrics with a sample every 15 minutes, for `promtool tsdb create-blocks-from openmetrics`' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l backfill-days -d 'How many days of it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l backfill-label -d 'A label in every series of the past, as Prometheus will add it to the present: `job=saasbackup`; repeat it for several' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l config.file -d 'The configuration file (YAML)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l web.listen-address -d 'Address to listen on; repeat it for several. An address without a host, such as `:10047`, means every interface' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l web.config.file -d 'File with certificates, users and headers of the exporter\'s own pages (YAML, the format of exporter-toolkit)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l web.telemetry-path -d 'Path under which the metrics are served' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l web.external-url -d 'The URL under which others reach the exporter, for example through a reverse proxy' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l web.route-prefix -d 'What every path begins with. Default: the path of --web.external-url' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l web.max-requests -d 'Scrapes answered at once; further ones get 503. 0 means any number' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l shard -d 'The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l total-shards -d 'How many exporters divide the tenants, and the configured budget of requests, among themselves' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l log.level -d 'Log lines of this level and above, unless log.level of the configuration file says otherwise' -r -f -a "trace\t'Everything, for developers'
debug\t'What is done when all is well'
info\t'Starts, stops and changes'
warn\t'Failures that the exporter lives with'
error\t'What somebody must mend'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l log.format -d 'The format of log lines' -r -f -a "logfmt\t'`key=value` pairs'
json\t'One JSON object a line'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l web.systemd-socket -d 'Listen on the sockets that systemd hands over (socket activation) instead of on addresses'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -l web.enable-lifecycle -d 'Let POST /-/reload read the configuration again, as SIGHUP does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l output -d 'Write the metrics to this file, replacing it in one step, instead of printing them; the name must end in .prom' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l config.file -d 'The configuration file (YAML)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l web.listen-address -d 'Address to listen on; repeat it for several. An address without a host, such as `:10047`, means every interface' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l web.config.file -d 'File with certificates, users and headers of the exporter\'s own pages (YAML, the format of exporter-toolkit)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l web.telemetry-path -d 'Path under which the metrics are served' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l web.external-url -d 'The URL under which others reach the exporter, for example through a reverse proxy' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l web.route-prefix -d 'What every path begins with. Default: the path of --web.external-url' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l web.max-requests -d 'Scrapes answered at once; further ones get 503. 0 means any number' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l shard -d 'The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l total-shards -d 'How many exporters divide the tenants, and the configured budget of requests, among themselves' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l log.level -d 'Log lines of this level and above, unless log.level of the configuration file says otherwise' -r -f -a "trace\t'Everything, for developers'
debug\t'What is done when all is well'
info\t'Starts, stops and changes'
warn\t'Failures that the exporter lives with'
error\t'What somebody must mend'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l log.format -d 'The format of log lines' -r -f -a "logfmt\t'`key=value` pairs'
json\t'One JSON object a line'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l web.systemd-socket -d 'Listen on the sockets that systemd hands over (socket activation) instead of on addresses'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -l web.enable-lifecycle -d 'Let POST /-/reload read the configuration again, as SIGHUP does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand once" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l format -d 'For people, or for machines' -r -f -a "text\t'One line for each thing that was tried, as soon as it was'
json\t'One JSON document at the end'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l config.file -d 'The configuration file (YAML)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l web.listen-address -d 'Address to listen on; repeat it for several. An address without a host, such as `:10047`, means every interface' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l web.config.file -d 'File with certificates, users and headers of the exporter\'s own pages (YAML, the format of exporter-toolkit)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l web.telemetry-path -d 'Path under which the metrics are served' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l web.external-url -d 'The URL under which others reach the exporter, for example through a reverse proxy' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l web.route-prefix -d 'What every path begins with. Default: the path of --web.external-url' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l web.max-requests -d 'Scrapes answered at once; further ones get 503. 0 means any number' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l shard -d 'The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l total-shards -d 'How many exporters divide the tenants, and the configured budget of requests, among themselves' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l log.level -d 'Log lines of this level and above, unless log.level of the configuration file says otherwise' -r -f -a "trace\t'Everything, for developers'
debug\t'What is done when all is well'
info\t'Starts, stops and changes'
warn\t'Failures that the exporter lives with'
error\t'What somebody must mend'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l log.format -d 'The format of log lines' -r -f -a "logfmt\t'`key=value` pairs'
json\t'One JSON object a line'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l web.systemd-socket -d 'Listen on the sockets that systemd hands over (socket activation) instead of on addresses'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -l web.enable-lifecycle -d 'Let POST /-/reload read the configuration again, as SIGHUP does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l url -d 'What to ask for instead' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l config.file -d 'The configuration file (YAML)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l web.listen-address -d 'Address to listen on; repeat it for several. An address without a host, such as `:10047`, means every interface' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l web.config.file -d 'File with certificates, users and headers of the exporter\'s own pages (YAML, the format of exporter-toolkit)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l web.telemetry-path -d 'Path under which the metrics are served' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l web.external-url -d 'The URL under which others reach the exporter, for example through a reverse proxy' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l web.route-prefix -d 'What every path begins with. Default: the path of --web.external-url' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l web.max-requests -d 'Scrapes answered at once; further ones get 503. 0 means any number' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l shard -d 'The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l total-shards -d 'How many exporters divide the tenants, and the configured budget of requests, among themselves' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l log.level -d 'Log lines of this level and above, unless log.level of the configuration file says otherwise' -r -f -a "trace\t'Everything, for developers'
debug\t'What is done when all is well'
info\t'Starts, stops and changes'
warn\t'Failures that the exporter lives with'
error\t'What somebody must mend'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l log.format -d 'The format of log lines' -r -f -a "logfmt\t'`key=value` pairs'
json\t'One JSON object a line'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l web.systemd-socket -d 'Listen on the sockets that systemd hands over (socket activation) instead of on addresses'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -l web.enable-lifecycle -d 'Let POST /-/reload read the configuration again, as SIGHUP does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand health" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l config.file -d 'The configuration file (YAML)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l web.listen-address -d 'Address to listen on; repeat it for several. An address without a host, such as `:10047`, means every interface' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l web.config.file -d 'File with certificates, users and headers of the exporter\'s own pages (YAML, the format of exporter-toolkit)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l web.telemetry-path -d 'Path under which the metrics are served' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l web.external-url -d 'The URL under which others reach the exporter, for example through a reverse proxy' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l web.route-prefix -d 'What every path begins with. Default: the path of --web.external-url' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l web.max-requests -d 'Scrapes answered at once; further ones get 503. 0 means any number' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l shard -d 'The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l total-shards -d 'How many exporters divide the tenants, and the configured budget of requests, among themselves' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l log.level -d 'Log lines of this level and above, unless log.level of the configuration file says otherwise' -r -f -a "trace\t'Everything, for developers'
debug\t'What is done when all is well'
info\t'Starts, stops and changes'
warn\t'Failures that the exporter lives with'
error\t'What somebody must mend'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l log.format -d 'The format of log lines' -r -f -a "logfmt\t'`key=value` pairs'
json\t'One JSON object a line'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l web.systemd-socket -d 'Listen on the sockets that systemd hands over (socket activation) instead of on addresses'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -l web.enable-lifecycle -d 'Let POST /-/reload read the configuration again, as SIGHUP does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand metrics" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l user -d 'Whose password it is: prints "NAME: HASH" instead of the hash alone' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l cost -d 'How often the work doubles: one more takes twice as long, for the exporter and for who guesses' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l config.file -d 'The configuration file (YAML)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l web.listen-address -d 'Address to listen on; repeat it for several. An address without a host, such as `:10047`, means every interface' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l web.config.file -d 'File with certificates, users and headers of the exporter\'s own pages (YAML, the format of exporter-toolkit)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l web.telemetry-path -d 'Path under which the metrics are served' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l web.external-url -d 'The URL under which others reach the exporter, for example through a reverse proxy' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l web.route-prefix -d 'What every path begins with. Default: the path of --web.external-url' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l web.max-requests -d 'Scrapes answered at once; further ones get 503. 0 means any number' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l shard -d 'The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l total-shards -d 'How many exporters divide the tenants, and the configured budget of requests, among themselves' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l log.level -d 'Log lines of this level and above, unless log.level of the configuration file says otherwise' -r -f -a "trace\t'Everything, for developers'
debug\t'What is done when all is well'
info\t'Starts, stops and changes'
warn\t'Failures that the exporter lives with'
error\t'What somebody must mend'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l log.format -d 'The format of log lines' -r -f -a "logfmt\t'`key=value` pairs'
json\t'One JSON object a line'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l web.systemd-socket -d 'Listen on the sockets that systemd hands over (socket activation) instead of on addresses'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -l web.enable-lifecycle -d 'Let POST /-/reload read the configuration again, as SIGHUP does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand hash-password" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l config.file -d 'The configuration file (YAML)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l web.listen-address -d 'Address to listen on; repeat it for several. An address without a host, such as `:10047`, means every interface' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l web.config.file -d 'File with certificates, users and headers of the exporter\'s own pages (YAML, the format of exporter-toolkit)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l web.telemetry-path -d 'Path under which the metrics are served' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l web.external-url -d 'The URL under which others reach the exporter, for example through a reverse proxy' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l web.route-prefix -d 'What every path begins with. Default: the path of --web.external-url' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l web.max-requests -d 'Scrapes answered at once; further ones get 503. 0 means any number' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l shard -d 'The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l total-shards -d 'How many exporters divide the tenants, and the configured budget of requests, among themselves' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l log.level -d 'Log lines of this level and above, unless log.level of the configuration file says otherwise' -r -f -a "trace\t'Everything, for developers'
debug\t'What is done when all is well'
info\t'Starts, stops and changes'
warn\t'Failures that the exporter lives with'
error\t'What somebody must mend'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l log.format -d 'The format of log lines' -r -f -a "logfmt\t'`key=value` pairs'
json\t'One JSON object a line'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l web.systemd-socket -d 'Listen on the sockets that systemd hands over (socket activation) instead of on addresses'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -l web.enable-lifecycle -d 'Let POST /-/reload read the configuration again, as SIGHUP does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l config.file -d 'The configuration file (YAML)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l web.listen-address -d 'Address to listen on; repeat it for several. An address without a host, such as `:10047`, means every interface' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l web.config.file -d 'File with certificates, users and headers of the exporter\'s own pages (YAML, the format of exporter-toolkit)' -r -F
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l web.telemetry-path -d 'Path under which the metrics are served' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l web.external-url -d 'The URL under which others reach the exporter, for example through a reverse proxy' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l web.route-prefix -d 'What every path begins with. Default: the path of --web.external-url' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l web.max-requests -d 'Scrapes answered at once; further ones get 503. 0 means any number' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l shard -d 'The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l total-shards -d 'How many exporters divide the tenants, and the configured budget of requests, among themselves' -r
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l log.level -d 'Log lines of this level and above, unless log.level of the configuration file says otherwise' -r -f -a "trace\t'Everything, for developers'
debug\t'What is done when all is well'
info\t'Starts, stops and changes'
warn\t'Failures that the exporter lives with'
error\t'What somebody must mend'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l log.format -d 'The format of log lines' -r -f -a "logfmt\t'`key=value` pairs'
json\t'One JSON object a line'"
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l web.systemd-socket -d 'Listen on the sockets that systemd hands over (socket activation) instead of on addresses'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -l web.enable-lifecycle -d 'Let POST /-/reload read the configuration again, as SIGHUP does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand help; and not __fish_seen_subcommand_from demo once doctor health metrics hash-password completions man help" -f -a "demo" -d 'Serve an invented fleet from built-in fakes of the vendors, without any account'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand help; and not __fish_seen_subcommand_from demo once doctor health metrics hash-password completions man help" -f -a "once" -d 'Collect every source once, and print the metrics or write them to a file'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand help; and not __fish_seen_subcommand_from demo once doctor health metrics hash-password completions man help" -f -a "doctor" -d 'Try the configuration step by step, and say what to do: names, TLS, proxy, tokens, listing, one tenant'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand help; and not __fish_seen_subcommand_from demo once doctor health metrics hash-password completions man help" -f -a "health" -d 'Ask a running exporter whether it lives, as the health check of a container does'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand help; and not __fish_seen_subcommand_from demo once doctor health metrics hash-password completions man help" -f -a "metrics" -d 'Print the reference of all metrics (Markdown)'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand help; and not __fish_seen_subcommand_from demo once doctor health metrics hash-password completions man help" -f -a "hash-password" -d 'Hash a password for the web configuration; it is asked for, or read from standard input'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand help; and not __fish_seen_subcommand_from demo once doctor health metrics hash-password completions man help" -f -a "completions" -d 'Print a script with which a shell completes this command line'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand help; and not __fish_seen_subcommand_from demo once doctor health metrics hash-password completions man help" -f -a "man" -d 'Print a manual page (roff)'
complete -c saasbackup-exporter -n "__fish_saasbackup_exporter_using_subcommand help; and not __fish_seen_subcommand_from demo once doctor health metrics hash-password completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
