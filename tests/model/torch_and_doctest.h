#pragma once

// libtorch's logging defines CHECK, as doctest does: it goes first and gives the name up.
#include <ATen/ATen.h>
#undef CHECK

#include <doctest/doctest.h>
