/**
 * From bytes to {@link org.sallyport.wasm.WasmModule}. Internal to its bundle; the service is {@link
 * org.sallyport.spi.Loader}.
 */
@NullMarked
package org.sallyport.loader;

import org.jspecify.annotations.NullMarked;
