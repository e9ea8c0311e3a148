/**
 * The embedding API: run WebAssembly in a Java program, with nothing but what the program gives.
 *
 * <p>An {@link org.sallyport.Engine} serves the whole application. It compiles a {@link org.sallyport.Module}. A {@link
 * org.sallyport.Linker} holds the host functions that modules may import; what it links can be instantiated often, each
 * time in a {@link org.sallyport.Store}, which owns memory and has limits ({@link org.sallyport.StoreLimits}). Exports are
 * called by name, or as the methods of an interface of the application:
 *
 * {@snippet :
 * import java.time.Duration;
 * import org.sallyport.CallContext;
 * import org.sallyport.Engine;
 * import org.sallyport.Module;       // by name: java.lang has a Module, too
 * import org.sallyport.Store;
 *
 * interface Calculator {
 *     int add(int a, int b);
 * }
 *
 * try (Engine engine = Engine.create();
 *         Module module = engine.compile(binary);
 *         Store store = engine.newStore()) {
 *     Calculator calculator = engine.newLinker().link(module).instantiate(store).bind(Calculator.class);
 *     int three = CallContext.withTimeout(Duration.ofSeconds(1), () -> calculator.add(1, 2));
 * }
 * }
 *
 * <p>The artefact {@code org.sallyport:sallyport} brings all that is needed; in OSGi, {@code Engine} is a service. Java
 * enters machine code, for which it wants a permission: {@code --enable-native-access=ALL-UNNAMED}, or on the module path
 * {@code --enable-native-access=org.sallyport.api,org.sallyport.engine,org.sallyport.store}, and {@code org.sallyport.wasi}
 * where it is used.
 *
 * <p>What a guest does wrong is an exception of the calling thread: {@link org.sallyport.TrapException}, {@link
 * org.sallyport.OutOfFuelException}, {@link org.sallyport.GuestInterruptedException}, {@link
 * org.sallyport.WasmException}; what is wrong with a module is a {@link org.sallyport.MalformedModuleException}, {@link
 * org.sallyport.InvalidModuleException} or {@link org.sallyport.LinkException}. The process survives all of them.
 */
@Export
@NullMarked
@Version("0.1.0")
package org.sallyport;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
