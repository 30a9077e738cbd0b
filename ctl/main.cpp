#include "ctl/program.hpp"

int main(int argc, char** argv) {
    return wutong::ctl::run(argc, argv);
}
