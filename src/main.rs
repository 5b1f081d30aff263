//! Parses the command line, runs the command and maps errors to exit codes: 1 at run time, 2 for usage and files.

use std::io::Write as _;
use std::process::ExitCode;

use saasbackup_exporter::cli::{self, Cli, Command};
use saasbackup_exporter::commands::{
    self, Exit, Usage, block_on, demo, doctor, hash_password, health, interruptible, once, record, replay, report,
    serve,
};
use saasbackup_exporter::exposition;
use saasbackup_exporter::process::{clock, logging};

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        // Also prints the help and the version, with the right exit code.
        Err(error) => error.exit(),
    };
    logging::init(cli.log_level, cli.log_format);
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            // If standard error is closed, there is nowhere to report that.
            let _ = writeln!(std::io::stderr(), "{error:#}");
            if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<Exit> {
    let (startup, listen, server) = (cli.startup(), cli.web.listen(), cli.web.options());
    match cli.command {
        // `--config.check` takes precedence over everything else.
        Some(Command::Demo(_)) if cli.config_check => interruptible(move || demo::check(startup)),
        None | Some(Command::Once(_) | Command::Doctor(_) | Command::Record(_)) if cli.config_check => {
            interruptible(move || serve::check(startup, server))
        }
        Some(_) if cli.config_check => {
            Err(Usage("--config.check: not supported by this subcommand, which reads no configuration file".to_owned())
                .into())
        }
        Some(Command::Metrics) => commands::print(exposition::reference()),
        Some(Command::Completions(options)) => commands::print(cli::completions(options.shell)),
        Some(Command::Man(options)) => commands::print(cli::manual(options.command.as_deref())?),
        Some(Command::Health(options)) => block_on(health::run(options.urls(&cli.web))),
        Some(Command::HashPassword(options)) => hash_password::run(options.user.as_deref(), options.cost),
        Some(Command::Demo(options)) if options.backfill.is_some() => {
            interruptible(move || demo::write_history(options.into(), startup))
        }
        Some(Command::Demo(options)) => block_on(demo::run(options.into(), startup, listen, server)),
        Some(Command::Once(options)) => {
            block_on(once::run(startup, server, options.format.into(), options.output.as_deref()))
        }
        Some(Command::Doctor(options)) => interruptible(move || doctor::run(startup, options.format.into())),
        Some(Command::Record(options)) => block_on(record::run(startup, &options.into())),
        Some(Command::Replay(options)) => {
            block_on(replay::run(&options.recording, options.serve, startup, listen, server))
        }
        Some(Command::Report(options)) => block_on(report::run(&(*options).into(), clock::now())),
        None => block_on(serve::run(startup, listen, server)),
    }
}
