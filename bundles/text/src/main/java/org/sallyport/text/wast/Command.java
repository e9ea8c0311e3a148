package org.sallyport.text.wast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of a script. Names of modules are written without the dollar sign; null stands for the latest instance. */
public sealed interface Command {

    /** Line of the script, from 1. */
    int line();

    /** A module that is instantiated at once. */
    record Module(int line, @Nullable String id, Definition definition) implements Command {}

    /** A module to be instantiated by name, any number of times. */
    record Define(int line, @Nullable String id, Definition definition) implements Command {}

    /** @param definition name of the definition; null for the latest one */
    record Instantiate(int line, @Nullable String id, @Nullable String definition) implements Command {}

    /** Gives an instance's exports to later modules, as imports from {@code name}. */
    record Register(int line, String name, @Nullable String instance) implements Command {}

    /** Does something without looking at the result; it must not fail. */
    record Perform(int line, Action action) implements Command {}

    record AssertReturn(int line, Action action, List<Expected> results) implements Command {
        public AssertReturn {
            results = List.copyOf(results);
        }
    }

    /** @param text the reason, in the wording of the specification */
    record AssertTrap(int line, Action action, String text) implements Command {}

    /** Instantiation traps. */
    record AssertUninstantiable(int line, Definition definition, String text) implements Command {}

    record AssertExhaustion(int line, Action action, String text) implements Command {}

    /** The action ends with an exception that the guest does not catch. */
    record AssertException(int line, Action action) implements Command {}

    /**
     * The text or the bytes follow no grammar.
     *
     * @param custom whether the fault is in a custom section or annotation
     */
    record AssertMalformed(int line, Definition definition, String text, boolean custom) implements Command {}

    /** @param custom whether the fault is in a custom section or annotation */
    record AssertInvalid(int line, Definition definition, String text, boolean custom) implements Command {}

    record AssertUnlinkable(int line, Definition definition, String text) implements Command {}

    /**
     * Commands that run in a thread of their own.
     *
     * @param shared names of modules whose instances the thread sees
     */
    record Thread(int line, String id, List<String> shared, List<Command> commands) implements Command {
        public Thread {
            shared = List.copyOf(shared);
            commands = List.copyOf(commands);
        }
    }

    /** Waits for a thread to end. */
    record Wait(int line, String thread) implements Command {}

    /** What the report counts it as: the keyword of the script. */
    default String kind() {
        return switch (this) {
            case Module _ -> "module";
            case Define _ -> "module definition";
            case Instantiate _ -> "module instance";
            case Register _ -> "register";
            case Perform _ -> "invoke";
            case AssertReturn _ -> "assert_return";
            case AssertTrap _, AssertUninstantiable _ -> "assert_trap";
            case AssertExhaustion _ -> "assert_exhaustion";
            case AssertException _ -> "assert_exception";
            case AssertMalformed a -> a.custom ? "assert_malformed_custom" : "assert_malformed";
            case AssertInvalid a -> a.custom ? "assert_invalid_custom" : "assert_invalid";
            case AssertUnlinkable _ -> "assert_unlinkable";
            case Thread _ -> "thread";
            case Wait _ -> "wait";
        };
    }
}
