package org.sallyport.wasi.preview1;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.sallyport.wasi.fs.Directory;

/** The same with Java's own means, for what they can do: they lose against others who exchange what was looked at. */
class PortableSandboxTest extends SandboxTest {
    @BeforeAll
    static void portable() {
        System.setProperty(Directory.PORTABLE, "true");
    }

    @AfterAll
    static void restore() {
        System.clearProperty(Directory.PORTABLE);
    }

    @Override
    void racingRenamesDoNotOpenAWayOut() {}

    @Override
    void aPipeInThePlaceOfAFileIsNotOpened() {}
}
