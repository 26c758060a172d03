//! ripgrep's libraries, set up as a plan says.

use std::{fs::Metadata, io, time::SystemTime};

use grep::{
    cli::StandardStream,
    matcher::LineTerminator,
    printer::{
        ColorSpecs, JSON, JSONBuilder, PathPrinter, PathPrinterBuilder, Standard, StandardBuilder, Summary,
        SummaryBuilder, SummaryKind, default_color_specs,
    },
    regex::{RegexMatcher, RegexMatcherBuilder},
    searcher::{BinaryDetection, MmapChoice, Searcher, SearcherBuilder},
};
use ignore::WalkBuilder;
use termcolor::{BufferWriter, WriteColor};

use super::{
    Error,
    haystack::Haystack,
    options::{Binary, Boundary, Buffer, Case, Coding, Form, Mode, SortKey},
    plan::Plan,
};

/// With no more paths than this, all of them files, mapping them is faster than reading them.
const FEW_PATHS: usize = 10;

/// What prints a search.
pub enum Printer<W> {
    /// Lines.
    Standard(Standard<W>),
    /// Paths and counts.
    Summary(Summary<W>),
    /// JSON messages.
    Json(JSON<W>),
}

impl<W: WriteColor> Printer<W> {
    /// Where it prints to.
    pub fn get_mut(&mut self) -> &mut W {
        match self {
            Self::Standard(printer) => printer.get_mut(),
            Self::Summary(printer) => printer.get_mut(),
            Self::Json(printer) => printer.get_mut(),
        }
    }
}

impl Plan {
    /// What finds matches.
    pub fn matcher(&self) -> Result<RegexMatcher, Error> {
        let options = &self.options;
        if options.pcre2 {
            return Err(Error::NoPcre2);
        }
        let mut builder = RegexMatcherBuilder::new();
        builder.multi_line(true).unicode(options.unicode).octal(false).fixed_strings(options.fixed_strings);
        match options.case {
            Case::Sensitive => builder.case_insensitive(false),
            Case::Insensitive => builder.case_insensitive(true),
            Case::Smart => builder.case_smart(true),
        };
        match options.boundary {
            Some(Boundary::Line) => drop(builder.whole_line(true)),
            Some(Boundary::Word) => drop(builder.word(true)),
            None => {}
        }
        if options.multiline {
            builder.dot_matches_new_line(options.multiline_dotall);
            if options.crlf {
                builder.crlf(true).line_terminator(None);
            }
        } else {
            builder.line_terminator(Some(b'\n')).dot_matches_new_line(false);
            if options.crlf {
                builder.crlf(true);
            }
            if options.null_data {
                builder.line_terminator(Some(b'\0'));
            }
        }
        if let Some(limit) = options.regex_size_limit {
            builder.size_limit(limit);
        }
        if let Some(limit) = options.dfa_size_limit {
            builder.dfa_size_limit(limit);
        }
        if !self.is_all_text() {
            builder.ban_byte(Some(b'\0'));
        }
        builder.build_many(&self.patterns).map_err(|error| Error::Regex { error })
    }

    fn is_all_text(&self) -> bool {
        self.options.binary == Binary::AsText || self.options.null_data
    }

    /// How files that are not text are found out. A file that the command line names is never left half searched.
    pub fn binary_detection(&self, explicit: bool) -> BinaryDetection {
        if self.is_all_text() {
            BinaryDetection::none()
        } else if explicit || self.options.binary == Binary::Suppress {
            BinaryDetection::convert(b'\0')
        } else {
            BinaryDetection::quit(b'\0')
        }
    }

    /// What goes through a file.
    pub fn searcher(&self) -> Searcher {
        let options = &self.options;
        let mut builder = SearcherBuilder::new();
        builder
            .max_matches(options.max_count)
            .line_terminator(if options.crlf {
                LineTerminator::crlf()
            } else {
                LineTerminator::byte(if options.null_data { b'\0' } else { b'\n' })
            })
            .invert_match(options.invert_match)
            .line_number(self.line_number())
            .multi_line(options.multiline)
            .memory_map(self.mmap())
            .stop_on_nonmatch(options.stop_on_nonmatch);
        if options.context.all {
            builder.passthru(true);
        } else {
            let (before, after) = options.context.lines();
            builder.before_context(before).after_context(after);
        }
        match &options.encoding {
            Coding::Auto => {}
            Coding::Some(encoding) => drop(builder.encoding(Some(encoding.clone()))),
            Coding::None => drop(builder.bom_sniffing(false)),
        }
        builder.build()
    }

    fn mmap(&self) -> MmapChoice {
        let few_files = || self.paths.len() <= FEW_PATHS && self.paths.iter().all(|path| path.is_file());
        if !self.options.mmap.unwrap_or_else(few_files) {
            return MmapChoice::never();
        }
        #[allow(
            unsafe_code,
            reason = "a mapped file is searched for binary data otherwise than one that is read"
        )]
        // SAFETY: maps are only read. A file that is cut short meanwhile ends this process, which does nothing else,
        // by SIGBUS, as it ends ripgrep.
        unsafe {
            MmapChoice::auto()
        }
    }

    fn colors(&self) -> ColorSpecs {
        let mut specs = default_color_specs();
        specs.extend(self.options.colors.iter().cloned());
        ColorSpecs::new(&specs)
    }

    /// What prints in this form.
    pub fn printer<W: WriteColor>(&self, form: Form, to: W) -> Printer<W> {
        let quiet = self.options.quiet;
        let kind = match form {
            Form::WithoutMatch if quiet => SummaryKind::QuietWithoutMatch,
            _ if quiet => SummaryKind::QuietWithMatch,
            Form::WithMatches => SummaryKind::PathWithMatch,
            Form::WithoutMatch => SummaryKind::PathWithoutMatch,
            Form::Count => SummaryKind::Count,
            Form::CountMatches => SummaryKind::CountMatches,
            Form::Json => {
                let mut builder = JSONBuilder::new();
                return Printer::Json(builder.replacement(self.options.replace.clone()).build(to));
            }
            Form::Standard => return Printer::Standard(self.standard_printer(to)),
        };
        let mut builder = SummaryBuilder::new();
        builder
            .color_specs(self.colors())
            .exclude_zero(!self.options.include_zero)
            .kind(kind)
            .path(self.with_filename())
            .path_terminator(self.options.null.then_some(b'\0'))
            .separator_path(self.options.path_separator)
            .stats(self.counts());
        Printer::Summary(builder.build(to))
    }

    fn standard_printer<W: WriteColor>(&self, to: W) -> Standard<W> {
        let options = &self.options;
        let mut builder = StandardBuilder::new();
        builder
            .byte_offset(options.byte_offset)
            .color_specs(self.colors())
            .column(self.column())
            .heading(self.heading())
            .max_columns_preview(options.max_columns_preview)
            .max_columns(options.max_columns)
            .only_matching(options.only_matching)
            .path(self.with_filename())
            .path_terminator(options.null.then_some(b'\0'))
            .per_match_one_line(true)
            .per_match(options.vimgrep)
            .replacement(options.replace.clone())
            .separator_context(options.context_separator.clone())
            .separator_field_context(options.field_context_separator.clone())
            .separator_field_match(options.field_match_separator.clone())
            .separator_path(options.path_separator)
            .stats(self.counts())
            .trim_ascii(options.trim);
        if self.threads == 1 {
            builder.separator_search(self.file_separator());
        }
        builder.build(to)
    }

    /// What prints paths alone.
    pub fn path_printer(&self) -> PathPrinter<StandardStream> {
        PathPrinterBuilder::new()
            .color_specs(self.colors())
            .separator(self.options.path_separator)
            .terminator(if self.options.null { b'\0' } else { b'\n' })
            .build(self.stdout())
    }

    /// Stdout for one thread.
    pub fn stdout(&self) -> StandardStream {
        let line = match self.options.buffer {
            Buffer::Auto => self.terminal,
            Buffer::Line => true,
            Buffer::Block => false,
        };
        if line {
            grep::cli::stdout_buffered_line(self.options.color)
        } else {
            grep::cli::stdout_buffered_block(self.options.color)
        }
    }

    /// Stdout for several threads.
    pub fn shared_stdout(&self) -> BufferWriter {
        let mut writer = BufferWriter::stdout(self.options.color);
        writer.separator(self.file_separator());
        writer
    }

    /// What finds the files.
    pub fn walk(&self) -> WalkBuilder {
        let options = &self.options;
        let mut builder = WalkBuilder::new(&self.paths[0]);
        for path in &self.paths[1..] {
            builder.add(path);
        }
        if options.ignore_files {
            for path in &options.ignore_file {
                if let Some(error) = builder.add_ignore(path) {
                    self.messages.of_ignore_file(error);
                }
            }
        }
        builder
            .max_depth(options.max_depth)
            .follow_links(options.follow)
            .max_filesize(options.max_filesize)
            .threads(self.threads)
            .same_file_system(options.one_file_system)
            .skip_stdout(matches!(options.mode, Mode::Search(_)))
            .overrides(self.globs.clone())
            .types(self.types.clone())
            .hidden(!options.hidden)
            .parents(options.ignore_parent)
            .ignore(options.ignore_dot)
            .git_global(options.ignore_vcs && options.ignore_global)
            .git_ignore(options.ignore_vcs)
            .git_exclude(options.ignore_vcs && options.ignore_exclude)
            .require_git(options.require_git)
            .ignore_case_insensitive(options.ignore_file_case_insensitive)
            .current_dir(&self.cwd);
        if options.ignore_dot {
            builder.add_custom_ignore_filename(".rgignore");
        }
        if options.sort == Some((SortKey::Path, false)) {
            builder.sort_by_file_name(|a, b| a.cmp(b));
        }
        builder
    }

    /// The files one after another, sorted if they are to be.
    pub fn haystacks<'a>(&'a self) -> Box<dyn Iterator<Item = Haystack> + 'a> {
        let found = self.walk().build().filter_map(|found| Haystack::of(found, self));
        let time: fn(&Metadata) -> io::Result<SystemTime> = match self.options.sort {
            None | Some((SortKey::Path, false)) => return Box::new(found),
            Some((SortKey::Path, true)) => {
                let mut found: Vec<_> = found.collect();
                found.sort_by(|a, b| b.path().cmp(a.path()));
                return Box::new(found.into_iter());
            }
            Some((SortKey::Modified, _)) => Metadata::modified,
            Some((SortKey::Accessed, _)) => Metadata::accessed,
            Some((SortKey::Created, _)) => Metadata::created,
        };
        let reverse = self.options.sort.is_some_and(|(_, reverse)| reverse);
        let time_of = |file: &Haystack| file.path().metadata().and_then(|metadata| time(&metadata)).ok();
        let mut timed: Vec<_> = found.map(|file| (time_of(&file), file)).collect();
        // What has no time comes last.
        timed.sort_by(|(a, _), (b, _)| {
            let order = a.is_none().cmp(&b.is_none()).then(a.cmp(b));
            if reverse { order.reverse() } else { order }
        });
        Box::new(timed.into_iter().map(|(_, file)| file))
    }
}
