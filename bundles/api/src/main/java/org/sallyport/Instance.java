package org.sallyport;

import java.util.List;
import java.util.Optional;

/** A module in a store, with its own memories, tables and globals. A view on the store. */
public interface Instance {
    Module module();

    Store store();

    List<String> exportNames();

    /** All that it has, exported or not, in the order of the module's index space: for debuggers and core dumps. */
    List<Memory> memories();

    /** All that it has, exported or not, in the order of the module's index space: for debuggers and core dumps. */
    List<Global> globals();

    Optional<Extern> export(String name);

    /** @throws NoSuchExportException if there is no such function; names the nearest one */
    Func func(String name);

    /** @throws NoSuchExportException if there is no such memory */
    Memory memory(String name);

    /** @throws NoSuchExportException if there is no such table */
    Table table(String name);

    /** @throws NoSuchExportException if there is no such global */
    Global global(String name);

    /**
     * An implementation of a Java interface by the exported functions, checked as a whole: one abstract method per
     * export, named as in {@link WasmName} or like the method, with exactly the types of the function's {@link
     * Func#handle}, or with strings, arrays, lists and records as docs/plugin-abi.md says. Calls over numbers neither box
     * nor allocate. The class behind it is made once for an interface in an engine; it goes with the interface or with the
     * engine.
     *
     * <p>Values that do not cross end a call with a {@link ValueException}, those that are too much with a {@link
     * LimitExceededException} ({@link ValueLimits}); {@code null} ends it with a {@link NullPointerException}.
     *
     * @throws BindException lists every method that has no export or another type
     */
    <T> T bind(Class<T> contract);
}
