package org.sallyport;

import java.lang.invoke.MethodHandle;
import org.sallyport.wasm.FuncType;

/**
 * Names and what they stand for: the function resolver. What a linker holds is all that a module linked with it can
 * reach. Host functions defined here belong to no store and serve any number of them. Not thread-safe; {@link #link}
 * takes a snapshot.
 *
 * <p>Java and wasm types: {@code i32} int, {@code i64} long, {@code f32} float, {@code f64} double, {@code v128} {@link
 * V128}, {@code externref} any object (which guests keep as long as they reach it), {@code funcref} and other
 * function references {@link Func}, {@code exnref} {@link ExceptionReference}; several results are an {@code Object[]}. A
 * host function may take a {@link Caller} as its first parameter.
 *
 * <p>References to structures and arrays: {@link StructRef}, {@link ArrayRef}, {@link I31Ref}, and {@link AnyRef} for each of
 * them; an {@code externref} may be an {@link ExternRef}, too. A host function given by a method handle or an interface that
 * names these classes stands for every import whose parameters are of them and whose results may be, such as {@code (ref null
 * $point)} for {@code StructRef}; what it returns is checked each time, and a {@link HostFunctionException} ends the call if it
 * is of another type. Interfaces of {@link Instance#bind} name them likewise.
 *
 * <p>Host functions may also have {@code boolean}, {@code String}, {@code byte[]}, {@code int[]}, {@code long[]}, {@code
 * float[]}, {@code double[]}, records, and lists of these: docs/plugin-abi.md says how they cross, through the memory and the
 * allocator of the guest that calls. Such a function ends the guest's call with a {@link ValueException} if a value does not
 * lie inside of the memory, or finds no room there, and with a {@link LimitExceededException} beyond {@link ValueLimits}.
 */
public interface Linker {

    /**
     * Defines a host function by a method handle; its type follows from the handle's.
     *
     * @throws IllegalArgumentException if the handle's type has no wasm counterpart or the name is taken
     */
    Linker define(String module, String name, MethodHandle function);

    /**
     * Defines a host function that works on boxed values; slower, for types known only at run time, and for more
     * parameters than a method handle can have (254, {@code long} and {@code double} counted twice).
     *
     * @param type concrete types in it are numbers of the engine ({@link Engine#typeDefinition}), which count as long as
     *     something open has them
     * @throws IllegalArgumentException if it names a number that stands for nothing in this engine
     * @throws LimitExceededException if it has more parameters or results than modules may have
     */
    Linker define(String module, String name, FuncType type, HostFunction function);

    /**
     * Defines one host function per method of an interface. The wasm name is the method's, or that of its {@link
     * WasmName} annotation.
     *
     * @param contract interface; default and static methods are left out
     * @throws IllegalArgumentException if a method's types have no wasm counterpart, two have one name, or one is taken
     */
    <T> Linker define(String module, Class<T> contract, T implementation);

    /** Defines something of a store; modules linked with it can be instantiated in that store only. */
    Linker define(String module, String name, Extern extern);

    /** Defines a memory that any store may use: instances get it wherever they are made. */
    Linker define(String module, String name, SharedMemory memory);

    /** Defines all exports of an instance under {@code module}. */
    Linker define(String module, Instance instance);

    /**
     * Whether a name may be defined a second time, which replaces the first definition. Off at first.
     */
    Linker allowShadowing(boolean allow);

    /**
     * Resolves and type-checks every import.
     *
     * @throws LinkException names every import that is missing or of another type, with the nearest candidate
     * @throws GuestInterruptedException if the deadline of this thread's {@link CallContext} passes
     */
    LinkedModule link(Module module);
}
