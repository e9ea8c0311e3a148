package org.sallyport.cli;

import java.util.List;
import java.util.Set;
import org.sallyport.LoadLimits;
import org.sallyport.SallyportException;
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
    int execute(Line line, Streams streams) {
        Set<Feature> features = EngineOptions.features(line);
        int status = ExitStatus.OK;
        List<String> files = line.parameters();
        for (String file : files) {
            if (!streams.isListening()) {
                break;
            }
            try {
                ModuleFile source = ModuleFile.read(file, streams);
                byte[] binary = source.binary();
                source.named(() -> Parts.validate(binary, features, LoadLimits.DEFAULT));
                if (!line.has("--quiet")) {
                    streams.out().println(HostText.shown(file) + ": valid");
                }
            } catch (SallyportException | FailureException e) {
                status = Failures.report(e, streams, line.has(STACK_TRACE));
            }
        }
        return status;
    }
}
