//! Reads the command line, calls the library and turns errors into exit codes.

use std::io::{IsTerminal as _, Write as _};
use std::net::Ipv6Addr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::Parser as _;
use saasbackup_exporter::app::App;
use saasbackup_exporter::cli::{self, Cli, Command, DEFAULT_PORT, DoctorFormat};
use saasbackup_exporter::commands::demo::Demo;
use saasbackup_exporter::commands::demo::history::History;
use saasbackup_exporter::commands::doctor::{self, Event, Style, Verdict};
use saasbackup_exporter::commands::hash_password;
use saasbackup_exporter::commands::health;
use saasbackup_exporter::commands::once;
use saasbackup_exporter::config::Config;
use saasbackup_exporter::domain::shard::Shard;
use saasbackup_exporter::exposition;
use saasbackup_exporter::process::clock;
use saasbackup_exporter::process::logging;
use saasbackup_exporter::process::shutdown;
use saasbackup_exporter::server::LiveWebConfig;
use saasbackup_exporter::server::listen;
use tokio_util::sync::CancellationToken;

/// Exit codes: 0 a clean stop, 1 a failure at run time, 2 bad usage or configuration.
const BAD_CONFIG: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::init(cli.log_level, cli.log_format);
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    match &cli.command {
        Some(Command::Metrics) => return print(&exposition::reference()),
        Some(Command::Completions(options)) => return print_bytes(&cli::completions(options.shell)),
        Some(Command::Man(options)) => {
            return match cli::manual(options.command.as_deref()) {
                Ok(page) => print_bytes(&page),
                Err(problem) => {
                    say(&problem);
                    Ok(ExitCode::from(BAD_CONFIG))
                }
            };
        }
        Some(Command::Health(options)) => return runtime()?.block_on(ask(cli, options)),
        _ => {}
    }
    if let Some(Command::HashPassword(options)) = &cli.command {
        print(&hash_password::line(options.user.as_deref(), &hash_password::read()?, options.cost)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let web = load_web(cli);
    if let Some(Command::Demo(options)) = &cli.command {
        return match (shard(cli), web) {
            (Ok(shard), Ok(web)) => runtime()?.block_on(demo(cli, options, shard, web)),
            (shard, web) => Ok(refuse(&[shard.err(), web.err()].into_iter().flatten().collect::<Vec<_>>())),
        };
    }
    // The problems of both files at once, since both have to be mended.
    let (config, web) = match (load(cli), web) {
        (Ok(config), Ok(web)) => (config, web),
        (config, web) => return Ok(refuse(&[config.err(), web.err()].into_iter().flatten().collect::<Vec<_>>())),
    };
    logging::set_level(config.log_level.unwrap_or(cli.log_level));
    match &cli.command {
        _ if cli.config_check => print(&format!("the configuration is good: {} sources\n", config.sources.len())),
        Some(Command::Once(options)) => runtime()?.block_on(collect_once(cli, options, &config)),
        Some(Command::Doctor(options)) => runtime()?.block_on(examine(cli, *options, &config)),
        _ => runtime()?.block_on(serve(cli, &config, web)),
    }
}

fn load(cli: &Cli) -> Result<Config, String> {
    let Some(path) = &cli.config_file else {
        return Err("--config.file=FILE is needed; try the subcommand demo to see it run without one".to_owned());
    };
    let config = Config::load(path).map_err(|problems| problems.to_string().trim_end().to_owned());
    // The problems of both at once, here too.
    match (config, shard(cli)) {
        (Ok(config), Ok(shard)) => Ok(config.for_shard(shard)),
        (config, shard) => Err([config.err(), shard.err()].into_iter().flatten().collect::<Vec<_>>().join("\n")),
    }
}

fn shard(cli: &Cli) -> Result<Shard, String> {
    cli.sharding.shard().map_err(|problem| format!("--shard, --total-shards: {problem}"))
}

/// The rules of serving; plain HTTP where no file is named.
fn load_web(cli: &Cli) -> Result<LiveWebConfig, String> {
    let Some(path) = &cli.web.config_file else { return Ok(LiveWebConfig::plain()) };
    LiveWebConfig::load(path).map_err(|problems| {
        let lines = problems.problems().iter().map(|problem| format!("--web.config.file: {problem}"));
        lines.collect::<Vec<_>>().join("\n")
    })
}

fn refuse(problems: &[String]) -> ExitCode {
    say(&problems.join("\n"));
    ExitCode::from(BAD_CONFIG)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    // At least two workers: one large scrape must not hold up everybody else on a machine with one core.
    let workers = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(workers).enable_all().build().context("starting the runtime")
}

async fn serve(cli: &Cli, config: &Config, web: LiveWebConfig) -> anyhow::Result<ExitCode> {
    let stopping = shutdown::on_signal().context("listening for signals")?;
    let hang_up = shutdown::on_hang_up().context("listening for signals")?;
    let path = cli.config_file.clone().unwrap_or_default();
    let (flag, shard) = (cli.log_level, config.shard);
    let (app, reloader) = App::new(config, cli.web.options())?.with_web(web).reloading(
        move || Ok(Config::load(&path)?.for_shard(shard)),
        move |config| logging::set_level(config.log_level.unwrap_or(flag)),
    );
    tokio::spawn(hang_up.reload(reloader));
    let listeners = listen::listeners(&cli.web, (Ipv6Addr::UNSPECIFIED, DEFAULT_PORT).into()).await?;
    app.run(listeners, stopping).await?;
    Ok(ExitCode::SUCCESS)
}

async fn demo(cli: &Cli, options: &cli::Demo, shard: Shard, web: LiveWebConfig) -> anyhow::Result<ExitCode> {
    if let Some(path) = &options.backfill {
        return backfill(options, path).await;
    }
    let stopping = shutdown::on_signal().context("listening for signals")?;
    let demo = Demo::start(options.tenants as usize, options.seed, options.datto_shape.into());
    let demo = demo.await.context("starting the fake vendors")?;
    let config = demo.config().map_err(|problems| anyhow!("the demo's configuration: {problems}"))?;
    let config = config.for_shard(shard);
    let scheme = if web.is_tls() { "https" } else { "http" };
    let app = App::new(&config, cli.web.options())?.with_web(web);
    let listeners = listen::listeners(&cli.web, ([127, 0, 0, 1], DEFAULT_PORT).into()).await?;
    let address = listeners.first().context("no listener")?.local_addr()?;
    print(&format!(
        "Serving an invented fleet of {} tenants; nothing leaves this machine.

  metrics   {scheme}://{address}{path}
  start     {scheme}://{address}{start}
  try       curl -s {scheme}://{address}{path} | grep 'state=\"failing\"}} 1$'

Stop it with Ctrl-C.
",
        options.tenants,
        start = cli.web.options().path("/"),
        path = cli.web.options().path(&cli.web.telemetry_path)
    ))?;
    app.run(listeners, stopping).await?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the past of the demo's fleet up to the present.
async fn backfill(options: &cli::Demo, path: &Path) -> anyhow::Result<ExitCode> {
    let history = History {
        tenants: options.tenants as usize,
        seed: options.seed,
        shape: options.datto_shape.into(),
        days: options.backfill_days,
        labels: options.backfill_label.clone(),
    };
    let written = history.write(path, clock::now()).await;
    let written = written.with_context(|| format!("writing the past to {}", path.display()))?;
    print(&format!("{} samples of {} series\n", written.samples, written.series))
}

async fn collect_once(cli: &Cli, options: &cli::Once, config: &Config) -> anyhow::Result<ExitCode> {
    let stopping: CancellationToken = shutdown::on_signal().context("listening for signals")?;
    let collected = once::collect(App::new(config, cli.web.options())?, stopping.clone()).await?;
    if stopping.is_cancelled() {
        return Err(anyhow!("stopped before everything was collected; nothing was written"));
    }
    match &options.output {
        Some(path) => {
            once::write(path, &collected.exposition).with_context(|| format!("writing {}", path.display()))?;
        }
        None => drop(print(&collected.exposition)?),
    }
    Ok(if collected.unlisted.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn ask(cli: &Cli, options: &cli::Health) -> anyhow::Result<ExitCode> {
    let urls = options.url.clone().map_or_else(|| health::urls(&cli.web), |url| vec![url]);
    match health::check(&urls).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(failures) => Err(anyhow!(failures)),
    }
}

async fn examine(cli: &Cli, options: cli::Doctor, config: &Config) -> anyhow::Result<ExitCode> {
    let is_plain =
        std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || !std::io::stdout().is_terminal();
    let style = if is_plain { Style::Plain } else { Style::Coloured };
    let mut printed = Ok(ExitCode::SUCCESS);
    let mut tell = |event: Event<'_>| {
        if options.format == DoctorFormat::Text && printed.is_ok() {
            printed = print(&match event {
                Event::Begun(subject) => style.heading(subject),
                Event::Found(finding) => style.finding(finding),
            });
        }
    };
    let config_file = cli.config_file.as_deref().unwrap_or(Path::new(""));
    let report = doctor::examine(config, config_file, &mut tell).await;
    printed?;
    print(&match options.format {
        DoctorFormat::Text => style.summary(&report),
        DoctorFormat::Json => report.to_json(),
    })?;
    Ok(if report.count(Verdict::Fail) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Data goes to standard output.
fn print(text: &str) -> anyhow::Result<ExitCode> {
    print_bytes(text.as_bytes())
}

fn print_bytes(bytes: &[u8]) -> anyhow::Result<ExitCode> {
    std::io::stdout().write_all(bytes).context("writing to standard output")?;
    Ok(ExitCode::SUCCESS)
}

/// Words for people go to standard error; nobody is left to tell if that fails.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
