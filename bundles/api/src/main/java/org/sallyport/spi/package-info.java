/**
 * What providers offer the engine and take from it. Embedders need none of it, except where {@link org.sallyport.Config}
 * takes or shows one of its types.
 *
 * <p>A module passes from a {@link org.sallyport.spi.Loader}, which decodes it, to a {@link org.sallyport.spi.Validator},
 * the only maker of the proof {@link org.sallyport.spi.ValidModule}, to a {@link org.sallyport.spi.BackEnd}: a {@link
 * org.sallyport.spi.CodeGenerator} makes machine code that keeps the {@link org.sallyport.spi.MachineContract}, an {@link
 * org.sallyport.spi.ObjectBackEnd} has code of its own. For machine code an {@link org.sallyport.spi.InstanceAllocator}
 * makes memories, tables and contexts, laid out as {@link org.sallyport.spi.VmLayout} says. Each is found as a service of
 * OSGi or by {@link java.util.ServiceLoader}. {@link org.sallyport.spi.ResourceAccount} counts what they hold.
 */
@Export
@NullMarked
@Version("0.1.0")
package org.sallyport.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
