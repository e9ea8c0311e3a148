/** A shop of several tenants, each with rules of its own as plugins. */
@NullMarked
package com.acme.shop;

import org.jspecify.annotations.NullMarked;
