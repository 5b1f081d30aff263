//! Loads what the exporter was started with: at the start, for a check, and again for each reload.

use std::path::PathBuf;

use super::Usage;
use crate::app::App;
use crate::config::{Config, Errors, Problem};
use crate::domain::shard::Shard;
use crate::process::logging::{self, Level};
use crate::server::{LiveWebConfig, ServerOptions};

/// The files and numbers that the exporter was started with.
#[derive(Clone, Debug)]
pub struct Startup {
    /// The configuration file; `None` if not given.
    pub config_file: Option<PathBuf>,
    /// The web configuration; `None` means plain HTTP without authentication.
    pub web_config_file: Option<PathBuf>,
    /// The zero-based ordinal of this shard.
    pub shard: u16,
    /// The total number of shards.
    pub total_shards: u16,
    /// The log level, unless the configuration file sets one.
    pub log_level: Level,
}

impl Startup {
    /// Both files, and the log level that they set.
    ///
    /// # Errors
    ///
    /// Every problem of both, since both have to be corrected.
    pub fn load(&self) -> Result<(Config, LiveWebConfig), Usage> {
        let (config, web) = both(self.config(), self.web())?;
        self.set_log_level(&config);
        Ok((config, web))
    }

    /// The exporter as both files configure it, before it listens, so that `--config.check` fails if a start would.
    ///
    /// # Errors
    ///
    /// Every problem of both, or the source that cannot be set up.
    pub fn app(&self, options: ServerOptions) -> Result<(Config, App), Usage> {
        let (config, web) = self.load()?;
        let app = Self::built(&config, options)?;
        Ok((config, app.with_web(web)))
    }

    /// The collector as the configuration file alone configures it.
    ///
    /// # Errors
    ///
    /// Every problem of the file, or the source that cannot be set up.
    pub fn collector(&self, options: ServerOptions) -> Result<App, Usage> {
        let config = self.config()?;
        self.set_log_level(&config);
        Self::built(&config, options)
    }

    fn built(config: &Config, options: ServerOptions) -> Result<App, Usage> {
        App::new(config, options).map_err(|error| Usage(error.to_string()))
    }

    /// What a configuration that is not from a file needs in addition.
    ///
    /// # Errors
    ///
    /// Every problem of both.
    pub fn load_without_file(&self) -> Result<(Shard, LiveWebConfig), Usage> {
        Ok(both(self.shard(), self.web())?)
    }

    /// The configuration alone, for this shard.
    ///
    /// # Errors
    ///
    /// Every problem of the file and of the shard.
    pub fn config(&self) -> Result<Config, Errors> {
        let Some(path) = &self.config_file else {
            let message = "--config.file=FILE is required (the subcommand demo runs without one)";
            return Err(Errors::of_file(message.to_owned()));
        };
        both(Config::load(path), self.shard()).map(|(config, shard)| config.for_shard(shard))
    }

    /// Sets the log level of the configuration, or else of the command line.
    pub fn set_log_level(&self, config: &Config) {
        logging::set_level(config.log_level.unwrap_or(self.log_level));
    }

    fn shard(&self) -> Result<Shard, Errors> {
        let shard = Shard::new(self.shard, self.total_shards);
        shard.map_err(|problem| Errors::of_file(format!("--shard, --total-shards: {problem}")))
    }

    fn web(&self) -> Result<LiveWebConfig, Errors> {
        let Some(path) = &self.web_config_file else { return Ok(LiveWebConfig::plain()) };
        LiveWebConfig::load(path).map_err(|errors| {
            let of_flag =
                |problem: &Problem| Problem { path: "--web.config.file".to_owned(), message: problem.to_string() };
            Errors::new(errors.problems().iter().map(of_flag).collect())
        })
    }
}

fn both<A, B>(first: Result<A, Errors>, second: Result<B, Errors>) -> Result<(A, B), Errors> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (first, second) => {
            let errors = [first.err(), second.err()].into_iter().flatten();
            Err(Errors::new(errors.flat_map(|errors| errors.problems().to_vec()).collect()))
        }
    }
}
