package org.sallyport.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.sallyport.Config;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.validator.ModuleValidator;

/** An engine from its parts, and one store. Closing it checks that its code is in order and nothing native is left. */
public final class Fixture implements AutoCloseable {
    final PoolingAllocator allocator = new PoolingAllocator(new LinuxMemory(), 4);
    public final EngineImpl engine;
    final Store store;
    public final Linker linker;

    public Fixture() {
        this(Config.defaults(), StoreLimits.DEFAULT);
    }

    Fixture(StoreLimits limits) {
        this(Config.defaults(), limits);
    }

    Fixture(Config config, StoreLimits limits) {
        this(config, limits, new NativeCodeGenerator());
    }

    public Fixture(Config config, StoreLimits limits, CodeGenerator generator) {
        engine = Engines.make(
                config.withCompileThreads(1), new BinaryLoader(), new ModuleValidator(), generator, allocator);
        store = engine.newStore(limits);
        linker = engine.newLinker().allowShadowing(true);
    }

    /** With a watchdog that is alone: before the first deadline. */
    Fixture withoutSentry() {
        Natives.of(engine).withoutSentry();
        return this;
    }

    public Module compile(String wat) {
        return engine.compile(Wat.compile(wat.getBytes(UTF_8), "test", WatOptions.DEFAULT.withNames(true)));
    }

    public Instance instantiate(String wat) {
        return linker.link(compile(wat)).instantiate(store);
    }

    @Override
    public void close() {
        check();
        engine.close();
        assertThat(engine.stores()).isEmpty();
        assertThat(engine.types().size()).as("types that hosts registered").isLessThan(32);
        assertThat(allocator.virtualMemory().usage().reservations())
                .as("all but a code space that waits for the next engine")
                .isLessThanOrEqualTo(1);
    }

    /** Whether each number and address stands for one thing; of stores only if nobody is in them. */
    private void check() {
        Natives.of(engine).codeSpace().check();
        engine.modules().stream().filter(ModuleImpl::isLazy).forEach(m -> Natives.of(m).lazyCode().check());
        for (StoreImpl one : engine.stores()) {
            try {
                one.check();
            } catch (SallyportException | IllegalStateException e) {
                // closed, poisoned, or another thread is inside
            }
        }
    }
}
