package org.sallyport.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.TextFormatException;
import org.sallyport.text.WatOptions;
import org.sallyport.text.wast.EngineHost;
import org.sallyport.text.wast.Report.Outcome;
import org.sallyport.text.wast.Report;
import org.sallyport.text.wast.Script;
import org.sallyport.text.wast.Testsuite;
import org.sallyport.text.wast.WastRunner;
import org.sallyport.wasm.Feature;

/** Runs scripts of assertions. What the compiler lacks is counted apart, by feature. */
final class WastCommand extends Subcommand {
    /** A script and what became of it. */
    private record Run(String name, Report report) {}

    WastCommand() {
        super("wast", "Run scripts of assertions (.wast) and count what passes.");
    }

    @Override
    void describe(Syntax syntax) {
        EngineOptions.describe(syntax);
        syntax.flag("--json", "Write all counts and failures as JSON.");
        syntax.files("Scripts, and folders of scripts.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        List<String> scripts = scripts(line.parameters());
        boolean json = line.has("--json");
        List<Run> runs = new ArrayList<>();
        boolean allRead = true;
        Map<Set<Feature>, Engine> engines = new HashMap<>();
        try {
            for (String script : scripts) {
                if (!json && !streams.isListening()) {
                    break;
                }
                try {
                    Run run = run(ModuleFile.read(script, streams), script, line, engines);
                    runs.add(run);
                    if (!json) {
                        printRun(run, streams.out());
                    }
                } catch (TextFormatException | FailureException e) {
                    streams.say(String.valueOf(e.getMessage()));
                    allRead = false;
                }
            }
        } finally {
            engines.values().forEach(Engine::close);
        }
        Report total = Report.sum(runs.stream().map(Run::report).toList());
        if (json) {
            streams.out().print(Json.write(asJson(runs, total)));
        } else if (!runs.isEmpty()) {
            printTotal(runs.size(), total, streams.out());
        }
        return allRead && total.failures().isEmpty() ? ExitStatus.OK : ExitStatus.FAILURE;
    }

    /** The names of files, those in folders included. */
    private static List<String> scripts(List<String> names) throws IOException {
        List<String> scripts = new ArrayList<>();
        for (String name : names) {
            Path path = HostPath.of(name);
            if (!Files.isDirectory(path)) {
                scripts.add(name);
                continue;
            }
            List<String> inside = new Testsuite(path).names();
            if (inside.isEmpty()) {
                throw new FailureException("there is no .wast file in " + HostText.shown(name));
            }
            inside.forEach(script -> scripts.add(name + "/" + script));
        }
        return scripts;
    }

    private static Run run(ModuleFile file, String name, Line line, Map<Set<Feature>, Engine> engines) {
        Config config = EngineOptions.config(EngineHost.config(Testsuite.features(HostPath.of(name))), line);
        WatOptions options = WatOptions.DEFAULT.withFeatures(config.features());
        Script script = Script.parse(file.text(), file.name(), options);
        Engine engine = engines.computeIfAbsent(config.features(), _ -> Engine.create(config));
        try (EngineHost host = new EngineHost(engine)) {
            return new Run(file.name(), WastRunner.run(script, host));
        }
    }

    // Text

    private static void printRun(Run run, PrintStream out) {
        Report report = run.report;
        out.printf("%s: %s%n", run.name, counts(report));
        report.failures().forEach(failure -> out.println("  " + failure));
    }

    private static String counts(Report report) {
        int unsupported = report.count(Outcome.UNSUPPORTED);
        return report.count(Outcome.PASSED) + " passed, " + report.count(Outcome.FAILED) + " failed"
                + (unsupported == 0 ? "" : ", " + unsupported + " unsupported " + report.missing());
    }

    private static void printTotal(int scripts, Report total, PrintStream out) {
        out.printf("%n%d scripts%n%s", scripts, total);
        total.missing().forEach((what, n) -> out.printf("unsupported: %-24s %6d%n", what, n));
    }

    // JSON

    private static Map<String, Object> asJson(List<Run> runs, Report total) {
        List<Object> files = new ArrayList<>();
        for (Run run : runs) {
            Map<String, Object> file = new LinkedHashMap<>();
            file.put("file", run.name);
            file.putAll(asJson(run.report));
            files.add(file);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("files", files);
        all.put("total", asJson(total));
        return all;
    }

    private static Map<String, Object> asJson(Report report) {
        Map<String, Object> json = outcomes(report::count);
        Map<String, Object> kinds = new LinkedHashMap<>();
        for (String kind : report.kinds()) {
            kinds.put(kind, outcomes(outcome -> report.count(kind, outcome)));
        }
        json.put("kinds", kinds);
        json.put("unsupportedByFeature", report.missing());
        json.put("failures", report.failures().stream().map(Report.Result::toString).toList());
        return json;
    }

    private static Map<String, Object> outcomes(ToIntFunction<Outcome> count) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("passed", count.applyAsInt(Outcome.PASSED));
        numbers.put("failed", count.applyAsInt(Outcome.FAILED));
        numbers.put("unsupported", count.applyAsInt(Outcome.UNSUPPORTED));
        return numbers;
    }
}
