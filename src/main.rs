//! The program `gradus`; everything it does is in the library.

fn main() -> std::process::ExitCode {
    gradus::cli::main()
}
