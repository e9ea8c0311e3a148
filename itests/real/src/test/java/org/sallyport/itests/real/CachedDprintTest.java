package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCache;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.itests.inputs.RealInputs;

/** The same with code from the cache. */
class CachedDprintTest extends DprintTest {
    @TempDir
    static Path directory;

    @Override
    Config config() {
        return super.config().withCache(CacheConfig.directory(directory.resolve("code")));
    }

    @Override
    @BeforeAll
    void compile() {
        try (Engine first = Engine.create(config())) {
            first.compile(RealInputs.dprintJson());
            first.compile(RealInputs.dprintToml());
            first.compile(RealInputs.dprintMarkdown());
        }
        super.compile();
    }

    @AfterAll
    void nothingWasCompiled() {
        CodeCache cache = engine().codeCache();
        assertThat(cache).isNotNull();
        assertThat(cache.statistics().hits()).isPositive();
        assertThat(cache.statistics().misses()).isZero();
    }
}
