/**
 * The rules of WebAssembly 3.0, chapter 3. Internal to its bundle; the service is {@link org.sallyport.spi.Validator}.
 */
@NullMarked
package org.sallyport.validator;

import org.jspecify.annotations.NullMarked;
