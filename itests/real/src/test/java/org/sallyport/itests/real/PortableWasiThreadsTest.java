package org.sallyport.itests.real;

import org.sallyport.BackEndKind;
import org.sallyport.Config;

/** The same as class files. */
class PortableWasiThreadsTest extends WasiThreadsTest {
    @Override
    Config config() {
        return Config.defaults().withBackEnd(BackEndKind.PORTABLE);
    }
}
