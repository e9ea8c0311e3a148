package org.sallyport.text.wast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.LoadLimits;
import org.sallyport.SallyportException;
import org.sallyport.TextFormatException;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.spi.Validator;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Proposal;
import org.sallyport.wasm.WasmModule;

/** The specification's testsuite, as far as it goes without running anything. */
class SuiteTest {
    private static final Loader LOADER = ServiceLoader.load(Loader.class).findFirst().orElseThrow();
    private static final Validator VALIDATOR = ServiceLoader.load(Validator.class).findFirst().orElseThrow();

    private static final List<String> STATIC =
            List.of("assert_malformed", "assert_invalid", "assert_malformed_custom", "assert_invalid_custom");

    private static Stream<DynamicTest> forEachScript(ScriptCheck check) throws IOException {
        Testsuite suite = Testsuite.find().orElse(null);
        if (suite == null) {
            System.err.println("SKIPPED: no WebAssembly testsuite; set -D" + Testsuite.PROPERTY + "=folder");
            Assumptions.abort("no WebAssembly testsuite");
        }
        List<String> names = suite.names();
        assertThat(names).hasSizeGreaterThan(250);
        return names.stream().map(name -> DynamicTest.dynamicTest(name, () -> check.run(suite.script(name))));
    }

    private interface ScriptCheck {
        void run(Script script);
    }

    /** Modules that are text and must parse: all but those that the script says are malformed. */
    private static List<Command> withModules(Script script) {
        return script.commands().stream().filter(c -> wellFormed(c) != null).toList();
    }

    private static Definition wellFormed(Command command) {
        return switch (command) {
            case Command.Module c -> c.definition();
            case Command.Define c -> c.definition();
            case Command.AssertInvalid c when !c.custom() -> c.definition();
            case Command.AssertUnlinkable c -> c.definition();
            case Command.AssertUninstantiable c -> c.definition();
            default -> null;
        };
    }

    @TestFactory
    Stream<DynamicTest> refusesMalformedTextWithTheWordsOfTheSuite() throws IOException {
        return forEachScript(script -> {
            List<String> faults = new ArrayList<>();
            for (Command command : script.commands()) {
                if (command instanceof Command.AssertMalformed c && c.definition().form() == Definition.Form.QUOTE) {
                    try {
                        LOADER.load(c.definition().binary(), Testsuite.features(script.file()), LoadLimits.DEFAULT);
                        faults.add(c.line() + ": accepted, expected " + c.text());
                    } catch (TextFormatException e) {
                        if (!e.getMessage().startsWith(c.text())) {
                            faults.add(c.line() + ": expected " + c.text() + ", found " + e.getMessage());
                        }
                    }
                }
            }
            assertThat(faults).isEmpty();
        });
    }

    /** Text to binary to text to binary; binaries in other encodings than ours settle after one round. */
    @TestFactory
    Stream<DynamicTest> printsWhatParsesToTheSame() throws IOException {
        return forEachScript(script -> {
            List<String> faults = new ArrayList<>();
            for (Command command : withModules(script)) {
                try {
                    Definition definition = wellFormed(command);
                    byte[] first = definition.binary();
                    byte[] second = printed(first);
                    boolean ours = definition.form() != Definition.Form.BINARY && isExact(script, command);
                    boolean same = Arrays.equals(second, ours ? first : printed(second));
                    if (!same) {
                        faults.add(command.line() + ": another binary");
                    }
                } catch (SallyportException e) {
                    faults.add(command.line() + ": " + e.getMessage());
                }
            }
            assertThat(faults).isEmpty();
        });
    }

    /** One module uses an index beyond 2^31, which no reader keeps as it is. */
    private static boolean isExact(Script script, Command command) {
        return !(script.file().equals("call_indirect.wast") && command instanceof Command.AssertInvalid);
    }

    private static byte[] printed(byte[] binary) {
        WasmModule module = LOADER.load(binary, EnumSet.allOf(Feature.class), LoadLimits.DEFAULT);
        byte[] text = Wat.print(module).getBytes(StandardCharsets.UTF_8);
        return Wat.compile(text, "printed", WatOptions.DEFAULT.withNames(true));
    }

    /** Malformed and invalid modules of all forms, through the loader and the validator. */
    @TestFactory
    Stream<DynamicTest> refusesWhatTheSuiteCallsMalformedOrInvalid() throws IOException {
        return forEachScript(script -> {
            ValidatingHost host = new ValidatingHost(LOADER, VALIDATOR, Testsuite.features(script.file()));
            Report report = WastRunner.run(script, host);
            assertThat(report.failures()).isEmpty();
            for (String kind : STATIC) {
                assertThat(report.count(kind, Report.Outcome.UNSUPPORTED)).as(kind).isZero();
            }
        });
    }

    /** Of what is valid the description finds the same proposals as the validator; of the rest it tells what it can. */
    @TestFactory
    Stream<DynamicTest> describesEveryModule() throws IOException {
        return forEachScript(script -> {
            List<String> faults = new ArrayList<>();
            for (Command command : script.commands()) {
                try {
                    check(command, faults, Testsuite.features(script.file()));
                } catch (TextFormatException e) {
                    // no module
                }
            }
            assertThat(faults).isEmpty();
        });
    }

    private static void check(Command command, List<String> faults, Set<Feature> features) {
        if (command instanceof Command.AssertMalformed malformed) {
            LOADER.describe(malformed.definition().binary(), LoadLimits.DEFAULT);
        }
        Definition definition = wellFormed(command);
        if (definition == null) {
            return;
        }
        byte[] binary = definition.binary();
        ModuleDescription description = LOADER.describe(binary, LoadLimits.DEFAULT);
        if (!description.faults().isEmpty() && !(command instanceof Command.AssertInvalid)) {
            faults.add(command.line() + ": " + description.faults());
        }
        if (command instanceof Command.Module || command instanceof Command.Define) {
            Set<Proposal> found = new HashSet<>();
            description.needs().forEach(need -> found.add(need.proposal()));
            Set<Feature> wanted = VALIDATOR.validate(LOADER.load(binary, features, LoadLimits.DEFAULT), features).features();
            if (!found.equals(wanted)) {
                faults.add(command.line() + ": " + found + " instead of " + wanted);
            }
        }
    }
}
