package org.sallyport.cli;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.sallyport.SallyportException;
import org.sallyport.spi.LoadLimits;
import org.sallyport.wasm.Feature;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Says of each file whether it holds a valid module. Compiles nothing. */
final class ValidateCommand extends Subcommand {
    ValidateCommand() {
        super("validate", "Check modules against the specification.");
    }

    @Override
    void describe(CommandSpec spec) {
        EngineOptions.describeFeatures(spec);
        spec.addOption(flag("--quiet", "Say nothing of valid modules."));
        spec.addPositional(parameter("0..*", "1..*", "FILE", "Modules in binary or text format; - is standard input."));
    }

    @Override
    int execute(ParseResult line, Streams streams) throws IOException {
        Set<Feature> features = EngineOptions.features(line);
        int status = ExitStatus.OK;
        List<String> files = line.matchedPositionalValue(0, List.of());
        for (String file : files) {
            try {
                byte[] binary = ModuleFile.read(file, streams).binary();
                Parts.validate(binary, features, LoadLimits.DEFAULT);
                if (!has(line, "--quiet")) {
                    streams.out().println(file + ": valid");
                }
            } catch (SallyportException | FailureException e) {
                streams.err().println("sallyport: " + file + ": " + e.getMessage());
                status = ExitStatus.FAILURE;
            } catch (IOException e) {
                streams.err().println("sallyport: " + Failures.reason(e));
                status = ExitStatus.FAILURE;
            }
        }
        return status;
    }
}
