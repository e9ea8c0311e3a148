package org.sallyport.cli;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.sallyport.SallyportException;
import org.sallyport.spi.LoadLimits;
import org.sallyport.wasm.Feature;

/** Says of each file whether it holds a valid module. Compiles nothing. */
final class ValidateCommand extends Subcommand {
    ValidateCommand() {
        super("validate", "Check modules against the specification.");
    }

    @Override
    void describe(Syntax syntax) {
        EngineOptions.describeFeatures(syntax);
        syntax.flag("--quiet", "Say nothing of valid modules.");
        syntax.files("Modules in binary or text format; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        Set<Feature> features = EngineOptions.features(line);
        int status = ExitStatus.OK;
        List<String> files = line.parameters();
        for (String file : files) {
            try {
                ModuleFile source = ModuleFile.read(file, streams);
                byte[] binary = source.binary();
                source.named(() -> Parts.validate(binary, features, LoadLimits.DEFAULT));
                if (!line.has("--quiet")) {
                    streams.out().println(file + ": valid");
                }
            } catch (SallyportException | FailureException | IOException e) {
                status = Failures.report(e, streams.err(), line.has(STACK_TRACE));
            }
        }
        return status;
    }
}
