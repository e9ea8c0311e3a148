package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** From the text format to the binary format. */
final class Wat2WasmCommand extends Subcommand {
    Wat2WasmCommand() {
        super("wat2wasm", "Translate a module from the text format to the binary format.");
    }

    @Override
    void describe(CommandSpec spec) {
        spec.addOption(OptionSpec.builder("-o", "--output")
                .type(String.class)
                .required(true)
                .paramLabel("OUT")
                .description("Where to write the module; - is standard output.")
                .build());
        spec.addOption(flag("--no-names", "Leave identifiers out instead of keeping them as names."));
        spec.addPositional(parameter("0", "1", "FILE", "Module in text format; - is standard input."));
    }

    @Override
    int execute(ParseResult line, Streams streams) throws IOException {
        ModuleFile source = ModuleFile.read(line.matchedPositionalValue(0, ""), streams);
        WatOptions options = WatOptions.DEFAULT.withNames(!has(line, "--no-names"));
        byte[] binary = Wat.compile(source.bytes(), source.name(), options);
        String output = line.matchedOptionValue("--output", "");
        if (output.equals("-")) {
            streams.out().write(binary);
            streams.out().flush();
        } else {
            Files.write(Path.of(output), binary);
        }
        return ExitStatus.OK;
    }
}
