package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.sallyport.BackEndKind;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Module;

/** Compiles ahead of time; {@code run} takes the result, on this machine and for this user. */
final class CompileCommand extends Subcommand {
    CompileCommand() {
        super("compile", "Compile a module for later runs by the same user on the same kind of machine.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.output("Where to write the artefact; - is standard output.");
        EngineOptions.describe(syntax);
        syntax.file("Module in binary or text format; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        Config asked = EngineOptions.config(line);
        if (asked.backEnd() == BackEndKind.PORTABLE) {
            throw new UsageException("artefacts are machine code: there are none of the portable back end");
        }
        Config config = asked.withBackEnd(BackEndKind.NATIVE);
        ModuleFile source = ModuleFile.read(line.file(), streams);
        byte[] binary = source.binary();
        try (Engine engine = Engine.create(config);
                Module module = source.named(() -> engine.compile(binary, source.shortName()))) {
            byte[] artefact = module.serialize(KeyFile.ofUser().readOrCreate());
            String output = line.value("--output");
            if (output.equals("-")) {
                streams.out().write(ArtefactFile.wrap(artefact));
            } else {
                write(output, ArtefactFile.wrap(artefact));
            }
        }
        return ExitStatus.OK;
    }

    private static void write(String name, byte[] contents) {
        try {
            write(HostPath.of(name), contents);
        } catch (IOException e) {
            throw e instanceof NoSuchFileException f ? Failures.named(f.getFile(), e) : Failures.named(name, e);
        }
    }

    /** Whole or not at all. */
    private static void write(Path output, byte[] contents) throws IOException {
        if (Files.isDirectory(output)) {
            throw new FileSystemException(output.toString(), null, "is a directory");
        }
        if (Files.exists(output) && !Files.isRegularFile(output)) {
            Files.write(output, contents); // a device or a pipe
            return;
        }
        Path folder = output.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString());
        }
        Path draft = output.resolveSibling(output.getFileName() + ".new");
        try {
            Files.write(draft, contents);
            Files.move(draft, output, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
