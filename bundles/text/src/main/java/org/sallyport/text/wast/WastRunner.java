package org.sallyport.text.wast;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.GuestException;
import org.sallyport.InvalidModuleException;
import org.sallyport.LinkException;
import org.sallyport.MalformedModuleException;
import org.sallyport.SallyportException;
import org.sallyport.TextFormatException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.WasmException;
import org.sallyport.text.wast.Report.Outcome;
import org.sallyport.text.wast.Report.Result;

/**
 * Runs a script on a host, command by command, and reports what became of each. A command that needs a module that the
 * host does not support, counts as unsupported as well; one that needs a module that failed, as failed. Errors of the
 * virtual machine are not caught.
 *
 * @param <M> the host's modules
 * @param <I> the host's instances
 */
public final class WastRunner<M, I> {
    private final ScriptHost<M, I> host;
    private final Registry<M> modules;
    private final Registry<I> instances;
    private final ScriptThreads<M, I> threads = new ScriptThreads<>();
    private final Report report = new Report();
    private final String file;

    private WastRunner(ScriptHost<M, I> host, String file, Registry<I> instances) {
        this.host = host;
        this.file = file;
        this.instances = instances;
        modules = new Registry<>("module definition");
    }

    /** Runs a script to its end. */
    public static <M, I> Report run(Script script, ScriptHost<M, I> host) {
        return run(script.file(), script.commands(), host, new Registry<>("instance"));
    }

    static <M, I> Report run(String file, List<Command> commands, ScriptHost<M, I> host, Registry<I> instances) {
        WastRunner<M, I> runner = new WastRunner<>(host, file, instances);
        for (Command command : commands) {
            runner.report.add(runner.result(command));
        }
        return runner.report;
    }

    private Result result(Command command) {
        Outcome outcome;
        String detail;
        String missing = "";
        try {
            String fault = execute(command);
            fault = fault == null ? host.check() : fault;
            outcome = fault == null ? Outcome.PASSED : Outcome.FAILED;
            detail = fault == null ? "" : fault;
        } catch (UnsupportedFeatureException | UnsupportedOperationException e) {
            outcome = Outcome.UNSUPPORTED;
            detail = String.valueOf(e.getMessage());
            missing = NotTriedException.missing(e);
        } catch (SallyportException e) {
            outcome = Outcome.FAILED;
            detail = "unexpected " + describe(e);
        } catch (Registry.MissingException e) {
            outcome = Outcome.FAILED;
            detail = String.valueOf(e.getMessage());
        } catch (RuntimeException | AssertionError e) {
            outcome = Outcome.FAILED;
            detail = "unexpected " + e + (e.getStackTrace().length == 0 ? "" : " at " + e.getStackTrace()[0]);
        }
        return new Result(file, command.line(), command.kind(), outcome, detail, missing);
    }

    /** Why the command failed, or null. */
    private @Nullable String execute(Command command) {
        return switch (command) {
            case Command.Module c -> {
                module(c);
                yield null;
            }
            case Command.Define c -> {
                modules.define(c.id(), c.line(), () -> host.compile(c.definition().binary()));
                yield null;
            }
            case Command.Instantiate c -> {
                M module = modules.get(c.definition());
                instances.define(c.id(), c.line(), () -> host.instantiate(module));
                yield null;
            }
            case Command.Register c -> {
                host.register(c.name(), instances.get(c.instance()));
                yield null;
            }
            case Command.Perform c -> {
                perform(c.action());
                yield null;
            }
            case Command.AssertReturn c -> Expected.mismatch(c.results(), perform(c.action()));
            case Command.AssertTrap c -> trap(c.text(), () -> perform(c.action()));
            case Command.AssertUninstantiable c -> {
                M module = host.compile(c.definition().binary());
                yield trap(c.text(), () -> host.instantiate(module));
            }
            case Command.AssertExhaustion c -> trap(c.text(), () -> perform(c.action()));
            case Command.AssertException c -> exception(c);
            case Command.AssertMalformed c -> malformed(c);
            case Command.AssertInvalid c -> invalid(c);
            case Command.AssertUnlinkable c -> unlinkable(c);
            case Command.Thread c -> {
                threads.start(c, host, instances, file);
                yield null;
            }
            case Command.Wait c -> {
                report.add(threads.await(c.thread()));
                yield null;
            }
        };
    }

    /** The definition's name names the instance, too; and the definition can be instantiated again. */
    private void module(Command.Module command) {
        instances.define(command.id(), command.line(), () -> {
            M module = modules.define(command.id(), command.line(), () -> host.compile(command.definition().binary()));
            return host.instantiate(module);
        });
    }

    private List<Value> perform(Action action) {
        I instance = instances.get(action.instance());
        return switch (action) {
            case Action.Invoke(var _, String export, List<Value> arguments) -> host.invoke(instance, export, arguments);
            case Action.Get(var _, String export) -> List.of(host.get(instance, export));
        };
    }

    // Assertions

    private static @Nullable String trap(String expected, Supplier<?> action) {
        try {
            return "expected the trap \"" + expected + "\", found " + action.get();
        } catch (TrapException e) {
            return isTrap(expected, e) ? null : "expected the trap \"" + expected + "\", found " + describe(e);
        }
    }

    /** The testsuite tells more of some traps than the specification's own list: which null, which element. */
    private static boolean isTrap(String expected, TrapException e) {
        String message = String.valueOf(e.getMessage());
        String text = e.code().text();
        return message.startsWith(expected)
                || expected.startsWith(text + " ")
                || e.code() == TrapCode.NULL_REFERENCE && expected.matches("null \\w+ reference");
    }

    private @Nullable String exception(Command.AssertException command) {
        try {
            return "expected an exception, found " + perform(command.action());
        } catch (WasmException e) {
            return null;
        } catch (TrapException e) {
            return "expected an exception, found " + describe(e);
        }
    }

    private @Nullable String malformed(Command.AssertMalformed command) {
        String expected = "expected malformed \"" + command.text() + "\", found ";
        try {
            host.compile(command.definition().binary());
            return expected + "a module";
        } catch (TextFormatException | MalformedModuleException e) {
            return startsWith(command.text(), e) ? null : expected + describe(e);
        } catch (InvalidModuleException e) {
            return expected + "an invalid module: " + describe(e);
        }
    }

    private @Nullable String invalid(Command.AssertInvalid command) {
        String expected = "expected invalid \"" + command.text() + "\", found ";
        try {
            host.compile(command.definition().binary());
            return expected + "a valid module";
        } catch (InvalidModuleException e) {
            return startsWith(command.text(), e) ? null : expected + describe(e);
        } catch (TextFormatException e) {
            // The text parser is the judge of annotations: what it writes for them is valid by construction.
            boolean asExpected = command.custom() && startsWith(command.text(), e);
            return asExpected ? null : expected + "a malformed text: " + describe(e);
        } catch (MalformedModuleException e) {
            return expected + "a malformed module: " + describe(e);
        }
    }

    private @Nullable String unlinkable(Command.AssertUnlinkable command) {
        String expected = "expected unlinkable \"" + command.text() + "\", found ";
        M module = host.compile(command.definition().binary());
        try {
            host.instantiate(module);
            return expected + "an instance";
        } catch (LinkException e) {
            return startsWith(command.text(), e) ? null : expected + describe(e);
        } catch (GuestException e) {
            return expected + describe(e);
        }
    }

    private static boolean startsWith(String text, SallyportException e) {
        return String.valueOf(e.getMessage()).startsWith(text);
    }

    private static String describe(SallyportException e) {
        String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return e.getClass().getSimpleName() + " \"" + first + "\"";
    }
}
